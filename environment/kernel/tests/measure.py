"""Prints the kernel's times and memory: run it as kernel.test.mts runs the suites, with KERNEL and JUPYTER_PATH, in notebooks/."""
import os, resource, sys, time
from test_kernel import BEGUN, LOOP, Session, interrupt

REPEAT = int(sys.argv[1]) if len(sys.argv) > 1 else 20

def timed(work):
    begin = time.time(); work(); return time.time() - begin

def say(what, seconds): print(f"{what:40} median {sorted(seconds)[len(seconds) // 2]:.3f} s, worst {max(seconds):.3f} s", flush=True)

def memory(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))

# Three fresh kernels
ready, first, imports, tab = [], [], [], []
for _ in range(3):
    begin = time.time(); kernel = Session(); ready.append(time.time() - begin)
    first.append(timed(lambda: kernel.run("1 + 1")))
    imports.append(timed(lambda: kernel.run("import * as lib from 'learning-to-learn'")))
    kernel.close()
    kernel = Session()
    tab.append(timed(lambda: kernel.reply(kernel.client.complete("Math.sq", 7))))
    kernel.close()
say("kernel ready", ready); say("first cell", first); say("library import with types", imports); say("first Tab after start", tab)

kernel = Session()
kernel.run("import * as lib from 'learning-to-learn'; import * as tf from '@tensorflow/tfjs'; await lib.ready()")
for what, ask in (("completion", lambda: kernel.client.complete("tf.train.ada", 12)), ("inspection", lambda: kernel.client.inspect("tf.train.adam(", 14))):
    kernel.reply(ask())
    say(f"{what}, warm, with library and tfjs", [timed(lambda: kernel.reply(ask())) for _ in range(20)])
say("30,000 printed lines", [timed(lambda: kernel.text("for (let i = 0; i < 30000; i++) console.log(i)")) for _ in range(3)])

kinds = {
    "sync": LOOP,
    "plain await": f"{BEGUN} await new Promise(() => {{}})",
    "async loop": f"{BEGUN} while (true) await new Promise(r => setTimeout(r, 10))",
    "busy after await": f"await null; await new Promise(r => setTimeout(r, 5)); {LOOP}",
    "microtask loop": f"{BEGUN} while (true) await null",
    "busy timer": f"setTimeout(() => {{ {LOOP} }}, 5); await new Promise(() => {{}})",
}
for what, code in kinds.items(): say(f"interrupt, {what}", [interrupt(kernel, code) for _ in range(REPEAT)])

cell = """const trained = await lib.metaTrain(lib.lstm({ hidden: [4] }), lib.quadratic({ dim: 4, batch: 2 }), { episodes: 1, steps: 20, outer: () => lib.adam({ lr: 0.01 }) });
tf.dispose([trained.phi, trained.outer, trained.best] as any); trained.losses.length"""
kernel.run("const lib2 = lib")
pid, sizes = kernel.manager.provisioner.pid, []
for i in range(201):
    kernel.run(cell)
    if i % 50 == 0:
        kernel.run("(globalThis as any).gc?.()")
        sizes.append(memory(pid))
print("memory after 1, 51, 101, 151, 201 runs of a training cell:", ", ".join(f"{size:.0f} MB" for size in sizes))
kernel.close()
