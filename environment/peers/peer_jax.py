"""The LSTM optimizer in JAX. Forms, all with the state [unit][coordinate]:
  chunks   coordinates in chunks of 128, which stay in the cache, shared out over one host device for each core; jit of an unroll, with `whole` of the episode
  tape     one tape through optimizee and optimizer, the whole episode in one jit, one device
"""
import os

from common import DIM, HIDDEN, LR, P, QUADRATICS, SCALE, SPEC, STEPS, UNROLL, mnist, phi, quadratics, recorded, serve

DEVICES = SPEC["threads"] if SPEC["form"] == "chunks" else 1
os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={DEVICES}"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.sharding import PartitionSpec

CHUNK = 128
RAW = SPEC["job"] == "quadratics"
SMALLEST = float(np.exp(-P))


def features(g):
    if RAW:
        return g[None]
    size = jnp.abs(g)
    big = size >= SMALLEST
    return jnp.stack([jnp.where(big, jnp.log(jnp.maximum(size, 1e-30)) / P, -1.0), jnp.where(big, jnp.sign(g), g / SMALLEST)])


def cell(x, h, c, W, b):
    i, j, f, o = jnp.split(W.T @ jnp.concatenate([x, h]) + b[:, None], 4)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(j)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def step(weights, state, g):
    W1, W2, b1, b2, wo, bo = weights
    h1, c1 = cell(features(g), state[0], state[1], W1, b1)
    h2, c2 = cell(h1, state[2], state[3], W2, b2)
    return (h1, c1, h2, c2), (wo @ h2 + bo) * SCALE


def surrogate(weights, state, gradients, ahead):
    """Its gradient is the meta-gradient: Σ ⟨update, sum of the later gradients⟩."""
    _, updates = lax.scan(lambda s, g: step(weights, s, g), state, gradients)
    return (updates * ahead).sum()


def sum_over_chunks(weights, *chunks):
    """Gradient of the surrogate, chunk after chunk."""
    gradient = jax.grad(surrogate)
    add = lambda total, chunk: (jax.tree.map(jnp.add, total, gradient(weights, *chunk)), None)
    return lax.scan(add, jax.tree.map(jnp.zeros_like, weights), chunks)[0]


def shared_out(f, inputs, outputs):
    mesh = jax.make_mesh((DEVICES,), ("d",), axis_types=(jax.sharding.AxisType.Auto,))
    return jax.shard_map(f, mesh=mesh, in_specs=inputs, out_specs=outputs, check_vma=False), mesh


ALL, SHARE = PartitionSpec(), PartitionSpec("d")
WEIGHTS = jax.tree.map(jnp.asarray, phi())


def chunks_for(n):
    return -(-n // (CHUNK * DEVICES)) * DEVICES


def in_chunks(a):
    """[..., n] as [chunk, ..., 128]."""
    k = chunks_for(a.shape[-1])
    a = np.pad(a, [(0, 0)] * (a.ndim - 1) + [(0, k * CHUNK - a.shape[-1])])
    return np.ascontiguousarray(np.moveaxis(a.reshape(*a.shape[:-1], k, CHUNK), -2, 0))


def unroll():
    n, result = SPEC["n"], {}

    def local(weights, *chunks):
        return jax.tree.map(lambda g: lax.psum(g, "d"), sum_over_chunks(weights, *chunks))

    f, mesh = shared_out(local, (ALL, SHARE, SHARE, SHARE), ALL)
    put = lambda a: jax.device_put(a, jax.sharding.NamedSharding(mesh, SHARE))
    gradients, ahead = (put(in_chunks(a)) for a in recorded(n))
    state = tuple(put(np.zeros((chunks_for(n), HIDDEN, CHUNK), np.float32)) for _ in range(4))
    f = jax.jit(f)

    def run():
        result["gradient"] = jax.block_until_ready(f(WEIGHTS, state, gradients, ahead))

    return run, lambda: [np.asarray(part) for part in result["gradient"]]


def classifier_loss(theta, x, y):
    W1, b1, W2, b2 = jnp.split(theta, [15680, 15700, 15900])
    z = jax.nn.sigmoid(x @ W1.reshape(784, 20) + b1) @ W2.reshape(20, 10) + b2
    return -jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1).mean()


def quadratic_loss(theta, W, y):
    return ((jnp.einsum("bij,bj->bi", W, theta.reshape(QUADRATICS, DIM)) - y) ** 2).sum()


def problem():
    if RAW:
        W, y, theta = map(jnp.asarray, quadratics())
        return theta, quadratic_loss, (W, y), lambda data, t: data, QUADRATICS
    x, y, theta = map(jnp.asarray, mnist())
    return theta, classifier_loss, (x, y), lambda data, t: (data[0][t], data[1][t]), 1


def adam(weights, gradient, outer):
    t, m, v = outer
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
    move = lambda p, m, v: p - LR * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return jax.tree.map(move, weights, m, v), (t, m, v)


def episode():
    theta0, loss, data0, at, count = problem()
    n, k = theta0.size, chunks_for(theta0.size)
    each = k // DEVICES
    times = lambda t0: t0 + jnp.arange(UNROLL)

    def on_tape(weights, theta, state, t0, data):
        def body(carry, t):
            theta, state = carry
            g = lax.stop_gradient(jax.grad(loss)(lax.stop_gradient(theta), *at(data, t)))
            state, u = step(weights, state, g)
            theta = theta + u
            return (theta, state), loss(theta, *at(data, t + 1)) / count

        (theta, state), losses = lax.scan(body, (theta, state), times(t0))
        return losses.sum(), (theta, state, losses)

    def local(weights, theta, state, t0, data):
        value_and_gradient = jax.value_and_grad(loss)
        me = lax.axis_index("d")
        mine = lambda a: lax.dynamic_slice_in_dim(jnp.pad(a, (0, k * CHUNK - n)).reshape(k, CHUNK), me * each, each)

        def body(carry, t):
            theta, state, g = carry
            own = mine(g)
            state, u = lax.map(lambda chunk: step(weights, *chunk), (state, own))
            theta = theta + lax.all_gather(u, "d", tiled=True).reshape(-1)[:n]
            now, g = value_and_gradient(theta, *at(data, t + 1))
            return (theta, state, g), (own, mine(g), now)

        _, g0 = value_and_gradient(theta, *at(data, t0))
        (theta, end, _), (seen, later, losses) = lax.scan(body, (theta, state, g0), times(t0))
        ahead = jnp.cumsum(later[::-1], 0)[::-1] / count
        gradient = sum_over_chunks(weights, state, seen.swapaxes(0, 1), ahead.swapaxes(0, 1))
        return jax.tree.map(lambda g: lax.psum(g, "d"), gradient), theta, end, losses / count

    if SPEC["form"] == "tape":
        state0 = tuple(jnp.zeros((HIDDEN, n)) for _ in range(4))
        grad = jax.grad(on_tape, has_aux=True)
        replay = lambda *a: (lambda r: (r[0], *r[1]))(grad(*a))
    else:
        state0 = tuple(jnp.zeros((k, HIDDEN, CHUNK)) for _ in range(4))
        replay, _ = shared_out(local, (ALL, ALL, SHARE, ALL, ALL), (ALL, ALL, SHARE, ALL))

    def one(carry, t0):
        weights, outer, theta, state, data = carry
        gradient, theta, state, losses = replay(weights, theta, state, t0, data)
        weights, outer = adam(weights, gradient, outer)
        return (weights, outer, theta, state, data), losses

    zeros = jax.tree.map(jnp.zeros_like, WEIGHTS)
    first = (WEIGHTS, (jnp.float32(0), zeros, zeros), theta0, state0, data0)
    starts = range(0, STEPS, UNROLL)
    by_unroll, whole = jax.jit(one), jax.jit(lambda carry: lax.scan(one, carry, jnp.array(starts)))
    result = {}

    def run():
        carry, losses = first, []
        if SPEC.get("whole"):
            carry, losses = whole(first)
        else:
            for t0 in starts:
                carry, part = by_unroll(carry, t0)
                losses.append(part)
            losses = jnp.concatenate(losses)
        result["r"] = jax.block_until_ready((losses, carry[0]))

    return run, lambda: [np.ravel(result["r"][0]), *map(np.asarray, result["r"][1])]


serve(*(unroll() if SPEC["job"] == "unroll" else episode()))
