"""What the peers share: the inputs that environment/bench/inputs.cjs wrote, and the protocol of environment/bench/driver.mjs."""
import json
import os
import resource
import sys
import time

import numpy as np

BEGAN = time.perf_counter()
SPEC = json.loads(sys.argv[1])  # job, form, n, threads
FOLDER = os.environ["BENCH_INPUTS"]
STEPS, UNROLL, HIDDEN, SCALE, P = 100, 20, 20, 0.1, 10
LR = 1e-3  # of the outer ADAM
LEAST = 100  # milliseconds that a measurement lasts at least, as in environment/bench/ours.cjs
QUADRATICS, DIM = 128, 10
# The convolutional classifier of section 3.3: shape of each kernel, whether a batch norm follows.
CONVNET = [((5, 5, 3, 16), True), ((5, 5, 16, 16), True), ((5, 5, 16, 16), True), ((256, 32), True), ((32, 10), False)]
EPSILON = 1e-3
# Neural art: channels of the convolutions, halvings before the third and the fifth, style at the first, third and fifth, content at the last.
STYLE = [64, 64, 128, 128, 256]


def read(name, shape, dtype=np.float32):
    return np.fromfile(os.path.join(FOLDER, name), dtype).reshape(shape)


def phi():
    """W1 [features + 20][80], W2 [40][80], b1, b2, wo, bo; column = gate * 20 + unit, gates i, g, f, o, forget bias included."""
    features = 1 if SPEC["job"] == "quadratics" else 2
    sizes = [(features + HIDDEN, 80), (2 * HIDDEN, 80), (80,), (80,), (HIDDEN,), (1,)]
    flat = read(f"phi-{features}", -1)
    ends = np.cumsum([int(np.prod(size)) for size in sizes])
    return [part.reshape(size) for part, size in zip(np.split(flat, ends[:-1]), sizes)]


def recorded(n):
    """Gradients of 20 steps, and for each step the sum of the later ones."""
    return read(f"gradients-{n}", (UNROLL + 1, n))[:-1], read(f"ahead-{n}", (UNROLL, n))


def mnist():
    """101 minibatches, and θ0: kernel and bias of both layers."""
    pixels = read("pixels", (STEPS + 1, 128, 784), np.uint8)
    return pixels.astype(np.float32) / 255, read("labels", (STEPS + 1, 128), np.int32), read("theta-mnist", -1)


def convnet():
    """A minibatch and θ, layer after layer."""
    return read("convnet-pixels", (128, 32, 32, 3), np.uint8).astype(np.float32) / 255, read("convnet-labels", -1, np.int32), read("theta-convnet", -1)


def style():
    """θ; of each layer kernel [k, k, in, out] and bias; scale, mean (BGR), weight of the variation; targets of content and styles with their weights."""
    filters, targets = read("style-filters", -1), read("style-targets", -1)
    scale, *rest = read("style-numbers", -1).tolist()
    layers, at = [], 0
    for inputs, outputs in zip([3, *STYLE], STYLE):
        size = 9 * inputs * outputs
        layers.append((filters[at : at + size].reshape(3, 3, inputs, outputs), filters[at + size : at + size + outputs]))
        at += size + outputs
    shapes = [(16, 16, 256), (64, 64), (128, 128), (256, 256)]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    parts = [part.reshape(shape) for part, shape in zip(np.split(targets, ends[:-1]), shapes)]
    return read("theta-style", (64, 64, 3)), layers, scale, rest[:3], rest[3], list(zip(parts, rest[4:]))


def quadratics():
    return read("W", (QUADRATICS, DIM, DIM)), read("y", (QUADRATICS, DIM)), read("theta-quadratics", -1)


def serve(run, result):
    """Runs once, says ready, then a measurement for every line `go`, of at least LEAST; `out` asks for the numbers of the first run."""
    idle = resident()
    run()
    out = [float(x) for x in np.concatenate([np.ravel(part) for part in result()])]
    say(ready=True, first=(time.perf_counter() - BEGAN) * 1e3)
    for line in sys.stdin:
        if line.strip() == "go":
            t, c, runs = time.perf_counter(), time.process_time(), 0
            while runs == 0 or (time.perf_counter() - t) * 1e3 < LEAST:
                run()
                runs += 1
            ms, cpu = (time.perf_counter() - t) * 1e3 / runs, (time.process_time() - c) * 1e3 / runs
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - idle
            say(ms=ms, cpu=cpu, memory=memory)
        elif line.strip() == "out":
            say(out=out)
        else:
            break
    sys.stdout.flush()
    os._exit(0)


def resident():
    """MB of this process after import."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize() / 2**20
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(**message):
    print(json.dumps(message), flush=True)
