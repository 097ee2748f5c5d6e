"""L2L_VGG19=weights.bin .cache/peers/bin/python environment/vgg19-reference.py > lib/features/vgg19.reference.json
What PyTorch, in double precision, makes of a picture with VGG-19 (raw layout, average pooling), which lib/features/vgg19.test.ts holds ours against."""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

BLOCKS = [[64, 64], [128, 128], [256] * 4, [512] * 4, [512] * 4]
HEIGHT, WIDTH = 40, 56
torch.set_num_threads(1)
raw = np.fromfile(os.environ["L2L_VGG19"], "<f4").astype(np.float64)
at = 0


def take(*shape):
    global at
    size = int(np.prod(shape))
    if at + size > len(raw):
        print(json.dumps(result, indent=1))
        raise SystemExit
    at += size
    return torch.from_numpy(raw[at - size : at].reshape(shape))


y, x, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(3), indexing="ij")
picture = (0.5 + 0.5 * np.sin(0.31 * (1 + c) * x + 0.17 * (3 - c) * y + c)).astype(np.float32)
formula = "1/2 + sin(0.31 (1 + c) x + 0.17 (3 - c) y + c) / 2 at row y, column x, channel c (RGB), in float32"
result = {"picture": {"height": HEIGHT, "width": WIDTH, "formula": formula}, "layers": {}}
bgr = picture[:, :, ::-1].astype(np.float64) * 255 - [103.939, 116.779, 123.68]
h = torch.from_numpy(bgr.transpose(2, 0, 1).copy())[None]
inputs = 3
for b, block in enumerate(BLOCKS):
    if b:
        h = F.avg_pool2d(h, 2)
    for i, outputs in enumerate(block):
        kernel, bias = take(3, 3, inputs, outputs), take(outputs)
        h = F.conv2d(h, kernel.permute(3, 2, 0, 1), bias, padding=1).relu()
        inputs = outputs
        result["layers"][f"conv{b + 1}_{i + 1}"] = {"mean": h.mean().item(), "norm": h.norm().item()}
print(json.dumps(result, indent=1))
