"""The LSTM optimizer in PyTorch. Forms:
  literal   as public re-implementations have it: two LSTMCell, one tape through optimizee and optimizer, loss.backward(retain_graph) at every step
  cells     the same with the tape cleaned up: at every step the gradient of θ alone
  channels last  (jobs convnet and style) the gradient of the convolutional classifier or of neural art alone, pictures and filters with the channels last
  compiled  torch.compile of one step, state [unit][coordinate], tape through the LSTM only, hand-written gradient of the classifier, fused ADAM
"""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from common import CONVNET, DIM, EPSILON, HIDDEN, LR, P, QUADRATICS, SCALE, SPEC, STEPS, UNROLL, convnet, mnist, phi, quadratics, recorded, serve, style

torch.set_num_threads(SPEC["threads"])
torch.set_flush_denormal(True)
tensor = torch.from_numpy
RAW = SPEC["job"] == "quadratics"
ORDER = np.concatenate([np.arange(HIDDEN) + HIDDEN * k for k in (0, 2, 1, 3)])  # i g f o <-> i f g o


def features(g, axis):
    if RAW:
        return g.unsqueeze(axis)
    size, smallest = g.abs(), float(np.exp(-P))
    big = size >= smallest
    return torch.stack([torch.where(big, size.clamp_min(1e-30).log() / P, -1.0), torch.where(big, g.sign(), g / smallest)], axis)


class Cells(nn.Module):
    def __init__(self):
        super().__init__()
        W1, W2, b1, b2, wo, bo = phi()
        self.cell1, self.cell2, self.out = nn.LSTMCell(W1.shape[0] - HIDDEN, HIDDEN), nn.LSTMCell(HIDDEN, HIDDEN), nn.Linear(HIDDEN, 1)
        with torch.no_grad():
            for cell, W, b in ((self.cell1, W1, b1), (self.cell2, W2, b2)):
                k = W.shape[0] - HIDDEN
                cell.weight_ih.copy_(tensor(W[:k].T[ORDER].copy()))
                cell.weight_hh.copy_(tensor(W[k:].T[ORDER].copy()))
                cell.bias_ih.copy_(tensor(b[ORDER].copy()))
                cell.bias_hh.zero_().requires_grad_(False)
            self.out.weight.copy_(tensor(wo[None].copy()))
            self.out.bias.copy_(tensor(bo.copy()))

    def start(self, n):
        return tuple(torch.zeros(n, HIDDEN) for _ in range(4))

    def forward(self, g, state):
        h1, c1 = self.cell1(features(g, 1), state[:2])
        h2, c2 = self.cell2(h1, state[2:])
        return self.out(h2).squeeze(-1) * SCALE, (h1, c1, h2, c2)

    def flat(self, of):
        def kernel(cell):
            return torch.cat([of(cell.weight_ih)[ORDER].T, of(cell.weight_hh)[ORDER].T]).ravel()

        parts = [kernel(self.cell1), kernel(self.cell2), of(self.cell1.bias_ih)[ORDER], of(self.cell2.bias_ih)[ORDER]]
        return torch.cat([*parts, of(self.out.weight).ravel(), of(self.out.bias)]).numpy()


def step(weights, g, state):
    """One step, [unit][coordinate]."""
    W1, W2, b1, b2, wo, bo = weights

    def cell(x, h, c, W, b):
        i, j, f, o = (torch.mm(W.t(), torch.cat([x, h], 0)) + b[:, None]).chunk(4, 0)
        c = f.sigmoid() * c + i.sigmoid() * j.tanh()
        return o.sigmoid() * c.tanh(), c

    h1, c1 = cell(features(g, 0), state[0], state[1], W1, b1)
    h2, c2 = cell(h1, state[2], state[3], W2, b2)
    return ((h2 * wo[:, None]).sum(0) + bo) * SCALE, (h1, c1, h2, c2)


compiled_step = torch.compile(step, dynamic=False)


class Compiled(nn.Module):
    def __init__(self):
        super().__init__()
        self.weights = nn.ParameterList([nn.Parameter(tensor(part.copy())) for part in phi()])

    def start(self, n):
        return tuple(torch.zeros(HIDDEN, n) for _ in range(4))

    def forward(self, g, state):
        return compiled_step(list(self.weights), g, state)

    def flat(self, of):
        return torch.cat([of(p).ravel() for p in self.weights]).numpy()


make = Compiled if SPEC["form"] == "compiled" else Cells


def gradient(p):
    return p.grad


def value(p):
    return p.detach()


def unroll():
    gradients, ahead = map(tensor, recorded(SPEC["n"]))
    m = make()

    def run():
        m.zero_grad()
        state, total = m.start(SPEC["n"]), 0.0
        for g, later in zip(gradients, ahead):
            u, state = m(g, state)
            total = total + (u * later).sum()
        total.backward()

    return run, lambda: [m.flat(gradient)]


def classifier_loss(theta, x, y):
    W1, b1, W2, b2 = classifier(theta)
    return F.cross_entropy(torch.sigmoid(x @ W1 + b1) @ W2 + b2, y)


def classifier(theta):
    W1, b1, W2, b2 = theta.split([15680, 20, 200, 10])
    return W1.view(784, 20), b1, W2.view(20, 10), b2


def classifier_gradient(theta, x, y):
    """Loss and gradient by hand, without a tape."""
    W1, b1, W2, b2 = classifier(theta)
    h = torch.addmm(b1, x, W1).sigmoid_()
    log_p = F.log_softmax(torch.addmm(b2, h, W2), 1)
    d = log_p.exp()
    d[torch.arange(len(y)), y] -= 1
    d /= len(y)
    dh = d @ W2.t() * h * (1 - h)
    return F.nll_loss(log_p, y), torch.cat([(x.t() @ dh).ravel(), dh.sum(0), (h.t() @ d).ravel(), d.sum(0)])


def quadratic_loss(theta, W, y):
    return (torch.bmm(W, theta.view(QUADRATICS, DIM, 1)).squeeze(-1) - y).square().sum()


def problem():
    """θ0, its loss and the arguments of the loss at step t, and how many problems the loss is the sum of."""
    if RAW:
        W, y, theta = map(tensor, quadratics())
        return theta, quadratic_loss, lambda t: (W, y), QUADRATICS
    x, y, theta = map(tensor, mnist())
    y = y.long()
    return theta, classifier_loss, lambda t: (x[t], y[t]), 1


def episode_on_one_tape():
    theta0, loss, at, count = problem()
    result = {}

    def run():
        m, losses = make(), []
        outer = torch.optim.Adam([p for p in m.parameters() if p.requires_grad], LR)
        theta, state = theta0, m.start(theta0.numel())
        for t0 in range(0, STEPS, UNROLL):
            theta, state = theta.detach().requires_grad_(True), tuple(s.detach() for s in state)
            total, now = 0.0, loss(theta, *at(t0))
            for t in range(t0 + 1, t0 + UNROLL + 1):
                if SPEC["form"] == "literal":
                    theta.retain_grad()
                    theta.grad = None
                    now.backward(retain_graph=True)
                    g = theta.grad.detach().clone()
                else:
                    g = torch.autograd.grad(now, theta, retain_graph=True)[0].detach()
                u, state = m(g, state)
                theta = theta + u
                now = loss(theta, *at(t))
                total = total + now / count
                losses.append(now.detach())
            outer.zero_grad()
            total.backward()
            outer.step()
        result.update(losses=torch.stack(losses).numpy() / count, phi=m.flat(value))

    return run, lambda: [result["losses"], result["phi"]]


def episode_compiled():
    theta0, loss, at, count = problem()
    result = {}

    def by_tape(theta, *arguments):
        theta = theta.detach().requires_grad_(True)
        now = loss(theta, *arguments)
        return now.detach(), torch.autograd.grad(now, theta)[0]

    value_and_gradient = by_tape if RAW else classifier_gradient

    def run():
        m, losses = make(), []
        outer = torch.optim.Adam(m.parameters(), LR, fused=True)
        theta, state = theta0.clone(), m.start(theta0.numel())
        now, g = value_and_gradient(theta, *at(0))
        for t0 in range(0, STEPS, UNROLL):
            state = tuple(s.detach() for s in state)
            updates, ahead = [], []
            for t in range(t0 + 1, t0 + UNROLL + 1):
                u, state = m(g, state)
                updates.append(u)
                theta = theta + u.detach()
                now, g = value_and_gradient(theta, *at(t))
                losses.append(now)
                ahead.append(g / count)
            for k in range(UNROLL - 2, -1, -1):
                ahead[k] = ahead[k] + ahead[k + 1]
            outer.zero_grad()
            torch.autograd.backward(updates, ahead)
            outer.step()
        result.update(losses=torch.stack(losses).numpy() / count, phi=m.flat(value))

    return run, lambda: [result["losses"], result["phi"]]


def convolutional():
    """Loss and gradient of the convolutional classifier: batch norm with an offset alone, channels last."""
    pixels, labels, flat = convnet()
    x = tensor(pixels).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
    y = tensor(labels).long()
    parts, at = [], 0
    for shape, normalised in CONVNET:
        for part in (shape, shape[-1:], shape[-1:])[: 3 if normalised else 2]:
            size = int(np.prod(part))
            parts.append(tensor(flat[at : at + size].reshape(part)))
            at += size
    # Filters [k, k, in, out] to [out, in, k, k]
    kernels = [p.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last) if p.dim() == 4 else p for p in parts]
    theta = [p.clone(memory_format=torch.preserve_format).requires_grad_(True) for p in kernels]

    def normal(h, offset):
        return F.batch_norm(h, None, None, None, offset, training=True, eps=EPSILON)

    def run():
        rest = iter(theta)
        h = x
        for shape, normalised in CONVNET:
            W, b = next(rest), next(rest)
            if len(shape) == 4:
                h = F.max_pool2d(normal(F.conv2d(h, W, b, padding="same"), next(rest)).relu(), 2)
            else:
                h = (h.permute(0, 2, 3, 1).reshape(len(h), -1) if h.dim() == 4 else h) @ W + b
                h = normal(h, next(rest)).relu() if normalised else h
        for p in theta:
            p.grad = None
        F.cross_entropy(h, y).backward()

    def result():
        return [(p.grad.permute(2, 3, 1, 0) if p.dim() == 4 else p.grad).contiguous().numpy() for p in theta]

    return run, result


def neural_art():
    """Loss and gradient of neural art: the optimizee of lib/optimizees/style.ts."""
    image, layers, scale, mean, variation, targets = style()
    last = torch.channels_last
    filters = [(tensor(k.copy()).permute(3, 2, 0, 1).contiguous(memory_format=last), tensor(b.copy())) for k, b in layers]
    mean = torch.tensor(mean)[None, :, None, None]
    (content, weight), *styles = [(tensor(part.copy()), w) for part, w in targets]
    content = content.permute(2, 0, 1)[None].contiguous(memory_format=last)
    theta = tensor(image.copy()).permute(2, 0, 1)[None].contiguous(memory_format=last).requires_grad_(True)

    def run():
        theta.grad = None
        steps = (theta[:, :, 1:] - theta[:, :, :-1]).square().sum() + (theta[:, :, :, 1:] - theta[:, :, :, :-1]).square().sum()
        total, rest = variation * steps, iter(styles)
        h = theta.flip(1) * scale - mean
        for i, (kernel, bias) in enumerate(filters):
            h = F.conv2d(F.avg_pool2d(h, 2) if i in (2, 4) else h, kernel, bias, padding=1).relu()
            if i in (0, 2, 4):
                rows, (gram, w) = h.permute(0, 2, 3, 1).reshape(-1, h.shape[1]), next(rest)
                total = total + w * (rows.t() @ rows / len(rows) - gram).square().sum()
        total = total + weight * (h - content).square().sum()
        total.backward()

    return run, lambda: [theta.grad[0].permute(1, 2, 0).contiguous().numpy()]


if SPEC["job"] == "unroll":
    serve(*unroll())
elif SPEC["job"] == "convnet":
    serve(*convolutional())
elif SPEC["job"] == "style":
    serve(*neural_art())
else:
    serve(*(episode_compiled() if SPEC["form"] == "compiled" else episode_on_one_tape()))
