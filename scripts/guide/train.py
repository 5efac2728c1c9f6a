"""
Trains the guide: a llama-shaped network, from nothing, on the dialogues that corpus.ts writes. One decision for each question
(which answer?) and the answers by heart. Resumes from its checkpoint. PyTorch 1.13 or newer, on CPU.

    python3 train.py WORK --minutes 40
WORK/answers.json, dialogues.jsonl  ->  WORK/checkpoint.pt, weights.bin, weights.json (for export.ts)
"""
import argparse
import json
import math
import os
import random
import sys
import time
from collections import Counter

# glibc gives large blocks back to the system and takes them again at every step, page by page: fifteen times slower
if "MALLOC_MMAP_MAX_" not in os.environ:
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "268435456"})

import numpy
import torch
import torch.nn.functional as F
from torch import nn

from bpe import Tokenizer, learn

parse = argparse.ArgumentParser()
parse.add_argument("work")
parse.add_argument("--minutes", type=float, default=40)
parse.add_argument("--width", type=int, default=192)
parse.add_argument("--layers", type=int, default=3)
parse.add_argument("--heads", type=int, default=6)
parse.add_argument("--inner", type=int, default=512)
parse.add_argument("--vocabulary", type=int, default=2048)
parse.add_argument("--batch-tokens", type=int, default=2048)
parse.add_argument("--rate", type=float, default=1.2e-3)
parse.add_argument("--threads", type=int, default=1)
parse.add_argument("--dropout", type=float, default=0.0)
parse.add_argument("--start", help="a checkpoint to begin from, with the same vocabulary")
given = parse.parse_args()
torch.set_num_threads(given.threads)
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def number_type():
    """What this processor multiplies fastest: bf16 where it has instructions for it; elsewhere that is eighty times slower than float32."""
    seconds = {}
    for kind in (torch.float32, torch.bfloat16):
        some, other = torch.randn(512, 192).to(kind), torch.randn(192, 512).to(kind)
        some @ other
        began = time.perf_counter()
        for _ in range(4):
            some @ other
        seconds[kind] = time.perf_counter() - began
    return min(seconds, key=seconds.get)


LOW = number_type()
mixed_numbers = lambda: torch.autocast("cpu", dtype=torch.bfloat16, enabled=LOW == torch.bfloat16)
HISTORY = 48  # characters of an earlier answer that the chat template keeps
CONTEXT = 1024

answers = json.load(open(f"{given.work}/answers.json"))  # [{name, text}]
lines = open(f"{given.work}/dialogues.jsonl", encoding="utf-8").read().splitlines()
print(f"{len(answers)} answers, {len(lines)} dialogues", flush=True)


def vocabulary():
    path = f"{given.work}/merges.json"
    if not os.path.exists(path):
        texts = Counter()
        for answer in answers:
            texts[answer["text"]] += 30
        for line in random.Random(1).sample(lines, min(len(lines), 60000)):
            for question, *_ in json.loads(line):
                texts[question] += 1
        texts["user\nassistant\n"] += 10**6
        json.dump(learn(texts, given.vocabulary - len(CONTROL)), open(path, "w"))
    return Tokenizer([tuple(pair) for pair in json.load(open(path))], CONTROL)


tokenizer = vocabulary()
START, END = tokenizer.index["<|im_start|>"], tokenizer.index["<|im_end|>"]
USER = [START] + tokenizer.encode("user\n")
GUIDE = [END] + tokenizer.encode("\n") + [START] + tokenizer.encode("assistant\n")
NEXT = [END] + tokenizer.encode("\n")
whole = [tokenizer.encode(a["text"]) + [END] for a in answers]
begun = [tokenizer.encode(a["text"][:HISTORY].strip()) for a in answers]
# Where it is cut a word may be: only what the whole answer begins with as well is to be learnt.
same = [next((at for at, pair in enumerate(zip(short, long)) if pair[0] != pair[1]), len(short)) for short, long in zip(begun, whole)]
print(f"{len(tokenizer.tokens)} tokens; an answer has {sum(map(len, whole)) / len(whole):.0f}, at most {max(map(len, whole))}", flush=True)


class Block(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.attn_norm = nn.Parameter(torch.ones(width))
        self.ffn_norm = nn.Parameter(torch.ones(width))
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.ffn_gate, self.ffn_up = nn.Linear(width, inner, bias=False), nn.Linear(width, inner, bias=False)
        self.ffn_down = nn.Linear(inner, width, bias=False)


def norm(x, weight):
    return x * (torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * weight)


class Network(nn.Module):
    """llama.cpp's "llama": pre-norm, RoPE on neighbouring pairs, SwiGLU. The output head is its own: the words of the answers do not spoil what the questions' words mean."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(tokenizer.tokens), given.width)
        self.blocks = nn.ModuleList([Block(given.width, given.inner) for _ in range(given.layers)])
        self.output_norm = nn.Parameter(torch.ones(given.width))
        self.output = nn.Linear(given.width, len(tokenizer.tokens), bias=False)
        # helps training alone: which answer it is, said at once where the answer begins
        self.which = nn.Linear(given.width, len(answers))
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02)
        # It begins as a bag of words, which tells most questions apart: the first layer adds the mean of all words, the others nothing.
        with torch.no_grad():
            for at, block in enumerate(self.blocks):
                block.attn_output.weight.zero_()
                block.ffn_down.weight.zero_()
                if at == 0:
                    block.attn_v.weight.copy_(torch.eye(given.width))
                    block.attn_output.weight.copy_(torch.eye(given.width))
                    block.attn_q.weight.zero_()
        half = given.width // given.heads // 2
        angles = torch.outer(torch.arange(CONTEXT).float(), 10000.0 ** (-torch.arange(half).float() / half))
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def turn(self, x):
        cos, sin = self.cos[: x.shape[2]].to(x.dtype), self.sin[: x.shape[2]].to(x.dtype)
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)

    def forward(self, tokens):
        batch, length = tokens.shape
        x = self.embedding(tokens)
        low = lambda y: y.to(LOW)
        hidden = low(torch.full((length, length), float("-inf")).triu(1))
        split = lambda y: y.view(batch, length, given.heads, -1).transpose(1, 2)
        drop = lambda y: F.dropout(y, given.dropout, self.training) if given.dropout else y
        x = drop(x)
        for block in self.blocks:
            n = low(norm(x, block.attn_norm))
            q, k, v = self.turn(split(block.attn_q(n))), self.turn(split(block.attn_k(n))), split(block.attn_v(n))
            scores = (q @ k.transpose(-1, -2)) * (given.width // given.heads) ** -0.5 + hidden
            mixed = (torch.softmax(scores, -1, dtype=v.dtype) @ v).transpose(1, 2).reshape(batch, length, -1)
            x = x + drop(block.attn_output(mixed))
            n = low(norm(x, block.ffn_norm))
            x = x + drop(block.ffn_down(F.silu(block.ffn_gate(n)) * block.ffn_up(n)))
        return norm(x, self.output_norm)


def example(line):
    """Tokens, which of them are to be predicted, and (place, answer) of each decision."""
    tokens, wanted, decisions = [], [], []
    dialogue = json.loads(line)
    for at, (question, answer, *given_only) in enumerate(dialogue):
        last = at == len(dialogue) - 1
        dropout = random.choice([0, 0, 0.05, 0.1, 0.2])
        said = USER + tokenizer.encode(question, dropout) + GUIDE
        tokens += said
        wanted += [0] * len(said)
        if not given_only:
            decisions.append((len(tokens) - 1, answer))
        if last:
            text = whole[answer]
            # its beginning decides; the rest is learnt by heart, and later
            if random.random() < (0.75 if progress < 0.85 else 0.3):
                text = text[: random.randint(3, 9)]
            # each place of the answer must know it, not the first alone: what is known there only after the last layer, later places cannot read
            decisions += [(len(tokens) + at, answer) for at in random.sample(range(min(len(text), 14)), min(len(text), 4))]
            tokens += text
            wanted += [1] * len(text)
        else:
            tokens += begun[answer] + NEXT
            learnt = 0 if given_only else same[answer]
            wanted += [1] * learnt + [0] * (len(begun[answer]) - learnt + len(NEXT))
    return tokens[:CONTEXT], wanted[:CONTEXT], decisions


def batches():
    order = list(range(len(lines)))
    while True:
        random.shuffle(order)
        for begin in range(0, len(order), 2048):
            examples = sorted((example(lines[i]) for i in order[begin : begin + 2048]), key=lambda e: len(e[0]))
            made, batch = [], []
            for e in examples:
                if batch and (len(batch) + 1) * len(e[0]) > given.batch_tokens:
                    made.append(batch)
                    batch = []
                batch.append(e)
            made.append(batch)
            random.shuffle(made)
            yield from made


def tensors(batch):
    length = max(len(e[0]) for e in batch)
    tokens = torch.full((len(batch), length), END)
    rows, columns, targets, places, which = [], [], [], [], []
    for i, (ids, wanted, decisions) in enumerate(batch):
        tokens[i, : len(ids)] = torch.tensor(ids)
        for at in range(1, len(ids)):
            if wanted[at]:
                rows.append(i)
                columns.append(at - 1)
                targets.append(ids[at])
        for place, answer in decisions:
            places.append((i, place))
            which.append(answer)
    return tokens, torch.tensor(rows), torch.tensor(columns), torch.tensor(targets), torch.tensor(places), torch.tensor(which)


def warm_up(network):
    """Trains the embedding and the training head as the bag of words that the network begins as, a hundred times cheaper than through it."""
    some = random.Random(2).sample(lines, min(len(lines), 220000))
    questions = [(tokenizer.encode(question, random.choice([0, 0, 0.1]))[:40], answer) for line in some for question, answer, *given_only in json.loads(line)[:1] if not given_only]
    questions = [pair for pair in questions if pair[0]]
    nn.init.normal_(network.embedding.weight, std=0.1)
    optimizer = torch.optim.Adam([network.embedding.weight, network.which.weight, network.which.bias], lr=4e-3)
    rounds, size, done = 4, 1024, 0
    around = torch.tensor(USER + GUIDE)
    for _ in range(rounds):
        random.shuffle(questions)
        total = 0.0
        for begin in range(0, len(questions) - size + 1, size):
            part = questions[begin : begin + size]
            ids = torch.tensor([token for ids, _ in part for token in ids])
            counts = torch.tensor([len(ids) for ids, _ in part])
            each = norm(network.embedding.weight, 1.0)
            words = F.embedding_bag(ids, each, counts.cumsum(0) - counts, mode="sum") + each[around].sum(0)
            bag = norm(network.embedding.weight[around[-1]] + words / (counts.unsqueeze(-1) + len(around)), 1.0)
            loss = F.cross_entropy(network.which(bag), torch.tensor([answer for _, answer in part]))
            for group in optimizer.param_groups:
                group["lr"] = 4e-3 * (1 - done / (rounds * len(questions) // size)) + 1e-4
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            done += 1
        print(f"{time.strftime('%H:%M:%S')} bag of words: loss {total / (len(questions) // size):.3f} {examine(network)}", flush=True)


def examine(network):
    """How many of the held-out questions the training head assigns rightly: a look by the way, evaluate.ts is the examination."""
    names = {answer["name"]: at for at, answer in enumerate(answers)}
    held = json.load(open(f"{given.work}/heldout.json"))
    tally = {}
    network.eval()
    with torch.no_grad(), mixed_numbers():
        for begin in range(0, len(held), 64):
            part = held[begin : begin + 64]
            asked = [USER + tokenizer.encode(h["question"]) + GUIDE for h in part]
            tokens = torch.full((len(part), max(map(len, asked))), END)
            for at, ids in enumerate(asked):
                tokens[at, : len(ids)] = torch.tensor(ids)
            states = network(tokens)
            best = network.which(torch.stack([states[at, len(ids) - 1] for at, ids in enumerate(asked)])).argmax(-1).tolist()
            for h, got in zip(part, best):
                row = tally.setdefault(h["kind"], [0, 0])
                row[0] += got == names[h["subject"] + "/" + h["language"]]
                row[1] += 1
    network.train()
    return " ".join(f"{kind} {right / all * 100:.0f} %" for kind, (right, all) in tally.items())


network = Network()
if not os.path.exists(f"{given.work}/checkpoint.pt") and not given.start:
    warm_up(network)
average = [p.detach().clone() for p in network.parameters()]
# What the bag of words has learnt is kept: it changes more slowly than the rest.
known = [network.embedding.weight, *network.which.parameters()]
fresh = [p for p in network.parameters() if all(p is not k for k in known)]
optimizer = torch.optim.AdamW(
    [
        {"params": known, "weight_decay": 0, "share": 0.15},
        {"params": [p for p in fresh if p.dim() == 2], "weight_decay": 0.05, "share": 1},
        {"params": [p for p in fresh if p.dim() != 2], "weight_decay": 0, "share": 1},
    ],
    lr=given.rate,
    betas=(0.9, 0.98),
)
step, spent, progress = 0, 0.0, 0.0
checkpoint = f"{given.work}/checkpoint.pt"
if os.path.exists(checkpoint):
    kept = torch.load(checkpoint)
    network.load_state_dict(kept["network"])
    optimizer.load_state_dict(kept["optimizer"])
    average, step, spent = kept["average"], kept["step"], kept["spent"]
    progress = spent / (given.minutes * 60)
    print(f"goes on at step {step}, after {spent / 60:.0f} min", flush=True)
elif given.start:
    kept = torch.load(given.start)["network"]
    own = network.state_dict()
    network.load_state_dict({**own, **{name: value for name, value in kept.items() if name in own and own[name].shape == value.shape}})
    average = [p.detach().clone() for p in network.parameters()]
print(f"{sum(p.numel() for p in network.parameters()) / 1e6:.2f} M parameters with the training head", flush=True)


def save():
    part = f"{checkpoint}.part"
    torch.save({"network": network.state_dict(), "optimizer": optimizer.state_dict(), "average": average, "step": step, "spent": spent}, part)
    os.replace(part, checkpoint)
    smooth = dict(zip((name for name, _ in network.named_parameters()), average))
    rows, at = [], 0
    with open(f"{given.work}/weights.bin.part", "wb") as file:
        for name, value in smooth.items():
            if name.startswith("which"):
                continue
            data = value.float().contiguous().numpy().astype("<f4")
            file.write(data.tobytes())
            rows.append({"name": name, "shape": list(data.shape), "offset": at})
            at += data.nbytes
    os.replace(f"{given.work}/weights.bin.part", f"{given.work}/weights.bin")
    json.dump({"tensors": rows, "tokens": tokenizer.tokens, "control": CONTROL, "merges": [" ".join(m) for m in tokenizer.merges], "width": given.width, "layers": given.layers, "heads": given.heads, "inner": given.inner, "context": CONTEXT, "step": step}, open(f"{given.work}/weights.json", "w"))


whole_time = given.minutes * 60
network.train()
saved, told, began = time.time(), time.time(), time.time()
losses, right, decided, seen = [], 0, 0, 0
clock = time.process_time
last = clock()
for batch in batches():
    # by the processor's time: a machine that is busy with other things, or stops this program for a while, makes no shorter training
    spent += (clock() - last) / given.threads
    last = clock()
    progress = spent / whole_time
    if progress >= 1:
        break
    rate = given.rate * min(1, (step + 1) / 300) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1, progress))))
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]
    tokens, rows, columns, targets, places, which = tensors(batch)
    with mixed_numbers():
        states = network(tokens)
        logits = network.output(states[rows, columns])
        chosen = network.which(states[places[:, 0], places[:, 1]])
    by_token = F.cross_entropy(logits.float(), targets)
    by_answer = F.cross_entropy(chosen.float(), which, label_smoothing=0.02)
    # First the answers' words, without spoiling what the bag of words knows; in the end a whole answer must be right, and one wrong word
    # spoils it, so that the few words that decide must weigh against the many that do not.
    loss = by_token * (min(1, 0.1 + step / 400) if progress < 0.6 else 8) + by_answer
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    step += 1
    with torch.no_grad():
        keep = min(0.99 if progress < 0.8 else 0.997, step / (step + 20))
        for smooth, p in zip(average, network.parameters()):
            smooth.mul_(keep).add_(p, alpha=1 - keep)
    losses.append((by_token.item(), by_answer.item()))
    right += (chosen.argmax(-1) == which).sum().item()
    decided += len(which)
    seen += tokens.numel()
    if time.time() - told > 20:
        a, b = (sum(column) / len(losses) for column in zip(*losses))
        print(f"{time.strftime('%H:%M:%S')} step {step} {progress * 100:.0f} % token {a:.3f} answer {b:.3f} right {right / decided * 100:.1f} % {seen / (time.time() - told):.0f} tok/s", flush=True)
        losses, right, decided, seen, told = [], 0, 0, 0, time.time()
    if time.time() - saved > 120:
        save()
        print(f"held out: {examine(network)}", flush=True)
        saved = time.time()
save()
print(f"{step} steps in {(time.time() - began) / 60:.0f} min", flush=True)
