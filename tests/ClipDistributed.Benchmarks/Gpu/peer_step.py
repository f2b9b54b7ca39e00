"""Times a training step of OpenCLIP on synthetic pairs, or of the same towers in plain PyTorch where OpenCLIP is not installed.

Prints one line of JSON: rows (pairs at once; halved where they do not fit), seconds_per_step, samples_per_second, versions.
On a GPU the towers compute in bfloat16 under autocast, parameters stay float32, as OpenCLIP trains with --precision amp_bf16.
"""

import argparse
import json
import math
import time

import torch
from torch import nn
from torch.nn import functional as F

try:
    import open_clip
except ImportError:
    open_clip = None


class Block(nn.Module):
    """A pre-LN residual attention block."""

    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.inner, self.last = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        b, t, w = x.shape
        parts = self.attention(self.norm1(x)).view(b, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_causal=self.causal)
        x = x + self.output(attended.transpose(1, 2).reshape(b, t, w))
        return x + self.last(F.gelu(self.inner(self.norm2(x))))


class Towers(nn.Module):
    """The two transformers of CLIP; a text is read at its largest id."""

    def __init__(self, shape):
        super().__init__()
        width, text = shape["image_width"], shape["text_width"]
        places = (shape["image_size"] // shape["patch"]) ** 2 + 1
        self.patches = nn.Conv2d(3, width, shape["patch"], shape["patch"], bias=False)
        self.start = nn.Parameter(torch.randn(1, 1, width) * width**-0.5)
        self.places = nn.Parameter(torch.randn(places, width) * width**-0.5)
        self.before = nn.LayerNorm(width)
        self.image_blocks = nn.Sequential(*[Block(width, shape["image_heads"], False) for _ in range(shape["image_layers"])])
        self.image_norm, self.image_head = nn.LayerNorm(width), nn.Linear(width, shape["embed"], bias=False)
        self.tokens = nn.Embedding(shape["vocabulary"], text)
        self.positions = nn.Parameter(torch.randn(shape["context"], text) * 0.01)
        self.text_blocks = nn.Sequential(*[Block(text, shape["text_heads"], True) for _ in range(shape["text_layers"])])
        self.text_norm, self.text_head = nn.LayerNorm(text), nn.Linear(text, shape["embed"], bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, images, texts):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.start.expand(len(x), -1, -1).to(x.dtype), x], 1) + self.places
        x = self.image_head(self.image_norm(self.image_blocks(self.before(x))[:, 0]))
        y = self.text_blocks(self.tokens(texts) + self.positions)
        y = self.text_head(self.text_norm(y[torch.arange(len(y), device=y.device), texts.argmax(-1)]))
        return F.normalize(x, dim=-1), F.normalize(y, dim=-1), self.logit_scale.exp()


def contrastive(images, texts, scale):
    logits = scale * images @ texts.t()
    target = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.t(), target)) / 2


def build(arguments, shape):
    if open_clip is not None and arguments.model in open_clip.list_models():
        return open_clip.create_model(arguments.model).to(arguments.device), open_clip.ClipLoss()
    return Towers(shape).to(arguments.device), contrastive


def measure(arguments, shape, rows, repeats):
    on_gpu = arguments.device != "cpu"
    model, loss = build(arguments, shape)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.2)
    images = torch.randn(rows, 3, shape["image_size"], shape["image_size"])
    texts = torch.randint(1, shape["vocabulary"] - 1, (rows, shape["context"]))
    texts[:, -1] = shape["vocabulary"] - 1
    if on_gpu:
        images, texts = images.pin_memory(), texts.pin_memory()

    def step():
        optimizer.zero_grad()
        on_device = images.to(arguments.device, non_blocking=True), texts.to(arguments.device, non_blocking=True)
        with torch.autocast(arguments.device.split(":")[0], torch.bfloat16, enabled=on_gpu):
            value = loss(*model(*on_device)[:3])
        value.backward()
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        return value.item()  # waits for the forward pass, as a loop that logs does

    seconds = []
    for _ in range(repeats + 2):
        start = time.perf_counter()
        step()
        if on_gpu:
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return sorted(seconds[2:])[repeats // 2]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--shape", required=True, help="JSON: sizes of the towers")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--rows", type=int, required=True)
    arguments = parser.parse_args()
    shape = json.loads(arguments.shape)
    on_gpu = arguments.device != "cpu"
    if on_gpu:
        torch.cuda.set_device(arguments.device)
        torch.backends.cuda.matmul.allow_tf32 = True
    rows = arguments.rows
    while True:
        try:
            seconds = measure(arguments, shape, rows, 10 if on_gpu else 2)
            break
        except torch.cuda.OutOfMemoryError:
            if rows == 1:
                raise
        rows //= 2
        torch.cuda.empty_cache()
    print(
        json.dumps(
            {
                "rows": rows,
                "seconds_per_step": seconds,
                "samples_per_second": rows / seconds,
                "torch": torch.__version__,
                "open_clip": getattr(open_clip, "__version__", None),
            }
        )
    )


if __name__ == "__main__":
    main()
