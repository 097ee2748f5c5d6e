/** Tests run on the backend that a user gets; those that compare with another switch to it. */
import { ready } from '../engine/backend.js';

await ready();
