/** What we use of jsfive, which comes without types. */
declare module 'jsfive' {
  export class Group {
    readonly keys: string[];
    readonly attrs: { [name: string]: unknown };
    get(path: string): Group | Dataset | null;
  }
  export class Dataset {
    readonly shape: number[];
    readonly value: ArrayLike<number>;
  }
  export class File extends Group {
    constructor(bytes: ArrayBuffer, name?: string);
  }
}
