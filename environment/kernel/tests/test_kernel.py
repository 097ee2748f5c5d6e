"""The kernel's own tests; kernel.test.mts runs them in the folder notebooks/. KERNEL is the name of a kernel specification."""
import os, queue, subprocess, sys, time
import pytest
from jupyter_client.manager import KernelManager

KERNEL = os.environ.get("KERNEL", "tslab")
START_TIMEOUT, CELL_TIMEOUT = 120, 120  # s, for a busy machine


class Session:
    def __init__(self):
        self.manager = KernelManager(kernel_name=KERNEL)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=START_TIMEOUT)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def reply(self, msg_id, timeout=CELL_TIMEOUT):
        end = time.time() + timeout
        while time.time() < end:
            message = self.client.get_shell_msg(timeout=timeout)
            if message["parent_header"]["msg_id"] == msg_id:
                return message["content"]
        raise queue.Empty

    def outputs(self, msg_id, timeout=CELL_TIMEOUT):
        found, end = [], time.time() + timeout
        while time.time() < end:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return found
            if kind not in ("status", "execute_input"):
                found.append((kind, content))
        raise TimeoutError("the cell did not become idle")

    def run(self, code):
        msg_id = self.client.execute(code)
        found = self.outputs(msg_id)
        return self.reply(msg_id), found

    def value(self, code):
        reply, found = self.run(code)
        assert reply["status"] == "ok", "\n".join(reply["traceback"])
        return next(content["data"]["text/plain"] for kind, content in found if kind == "execute_result")

    def trace(self, code):
        reply, _ = self.run(code)
        assert reply["status"] == "error"
        time.sleep(0.2)  # cells that arrive at once after an error are not run
        return reply["traceback"]

    def text(self, code):
        return "".join(content["text"] for kind, content in self.run(code)[1] if kind == "stream")


@pytest.fixture(scope="module")
def kernel():
    session = Session()
    yield session
    session.close()


# Bindings: one place for each name
def test_reassigned_let_is_seen_by_earlier_functions(kernel):
    kernel.run("let lr = 0.1; function step() { return lr }")
    assert kernel.value("lr = 0.01; step()") == "0.01"

def test_function_can_reassign_a_let(kernel):
    kernel.run("let steps = 0; const count = () => { steps++ }")
    assert kernel.value("count(); count(); steps") == "2"

def test_redeclared_names_are_seen_by_earlier_functions(kernel):
    kernel.run("let rate = 1; function helper() { return 1 }\nfunction caller() { return [rate, helper()] }")
    kernel.run("const rate = 2; function helper() { return 2 }")
    assert kernel.value("caller()") == "[ 2, 2 ]"

def test_local_names_shadow(kernel):
    kernel.run("let x = 1; const twice = (x: number) => { { let x = 5 } return 2 * x }")
    assert kernel.value("x = 10; [twice(3), x]") == "[ 6, 10 ]"

def test_destructuring(kernel):
    kernel.run("let { a, b: [c = 7], ...others } = { a: 1, b: [] as number[], d: 4 }; const sum = () => a + c + others.d")
    assert kernel.value("a = 2; sum()") == "13"

def test_shorthand_property_with_an_earlier_name(kernel):
    kernel.run("let first = 1")
    assert kernel.value("const o = { first }; ({ first } = { first: 2 }); [o.first, first]") == "[ 1, 2 ]"

def test_hoisted_functions_and_recursion(kernel):
    assert kernel.value("const early = fact(5); function fact(n: number): number { return n < 2 ? 1 : n * fact(n - 1) }\nearly") == "120"

def test_class_enum_and_namespace(kernel):
    kernel.run("class Node1 { static root = new Node1(); make() { return new Node1() } } enum E { A, B } namespace N { export const v = 3 }")
    assert kernel.value("class Node2 extends Node1 {}; [new Node2().make() instanceof Node1, Node1.root instanceof Node1, E.B, N.v]") == "[ true, true, 1, 3 ]"

def test_async_functions_and_generators(kernel):
    kernel.run("async function later() { return 1 } function* gen() { yield 2 } async function* both() { yield 3 }")
    assert kernel.value("const all: number[] = [await later(), ...gen()]; for await (const v of both()) all.push(v); all") == "[ 1, 2, 3 ]"

def test_names_survive_an_error(kernel):
    kernel.trace("const kept = 42; throw new Error('after')")
    assert kernel.value("kept") == "42"

def interrupt(kernel, code):
    """Stops the cell once it has printed "begun"; it must print that."""
    msg_id = kernel.client.execute(code)
    while True:
        message = kernel.client.get_iopub_msg(timeout=CELL_TIMEOUT)
        assert message["msg_type"] != "error", "\n".join(message["content"]["traceback"])
        if message["msg_type"] == "stream" and message["parent_header"]["msg_id"] == msg_id:
            break
    begin = time.time()
    kernel.manager.interrupt_kernel()
    reply = kernel.reply(msg_id)
    took = time.time() - begin
    kernel.outputs(msg_id)
    time.sleep(0.2)  # cells that arrive at once after a stop are not run
    assert reply["ename"] == "KeyboardInterrupt"
    return took

def test_names_survive_an_interrupt(kernel):
    interrupt(kernel, "const weights = [1]; console.log('begun'); while (true) { await new Promise(r => setTimeout(r, 10)); weights[0]++ }")
    assert int(kernel.value("weights[0]")) >= 1

BEGUN = "console.log('begun');"
LOOP = f"{BEGUN} while (true) Math.sqrt(2)"
WASM = """new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0,
  7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11]))).exports.f()"""  # loops for ever
@pytest.mark.parametrize("code", [
    LOOP,
    f"await null; await new Promise(r => setTimeout(r, 5)); {LOOP}",
    f"{BEGUN} await new Promise(() => {{}})",
    f"{BEGUN} while (true) await null",
    f"{BEGUN} while (true) await new Promise(r => setTimeout(r, 10))",
    f"setTimeout(() => {{ {LOOP} }}, 5); await new Promise(() => {{}})",
    f"setImmediate(() => {{ {LOOP} }}); await new Promise(() => {{}})",
    f"setTimeout(() => process.nextTick(() => {{ {LOOP} }}), 5); await new Promise(() => {{}})",
    f"const {{ WebAssembly }} = globalThis as any; {BEGUN} {WASM}",
    f"const {{ WebAssembly }} = globalThis as any; await null; {BEGUN} await new Promise(r => setTimeout(r, 60)); {WASM}",
], ids=["synchronous", "after await", "plain await", "microtasks", "async loop", "timer", "immediate", "nextTick", "wasm", "wasm after await"])
def test_interrupt(kernel, code):
    interrupt(kernel, code)
    alive = "await new Promise(r => setTimeout(r, 5)); await new Promise(r => setImmediate(r)); 'alive'"
    assert kernel.value(alive) == "alive"

def test_top_level_await_with_parenthesis(kernel):
    assert kernel.value("const q = await (Promise.resolve(5)); q.toFixed(1)") == "5.0"

def test_let_without_value_is_reset(kernel):
    kernel.run("let blank: number | undefined = 3")
    assert kernel.value("let blank: number | undefined; String(blank)") == "undefined"

# Source lines
def test_lines_of_the_cell(kernel):
    trace = kernel.trace("interface I {\n  a: number\n}\n\nfunction deep(i: I) {\n  // comment\n  throw new Error('boom')\n}\n\ndeep({ a: 1 })")
    assert trace[0] == "Error: boom"
    assert ":7:9)" in trace[1] and ":10:" in trace[2] and len(trace) == 3

def test_lines_after_an_await_and_across_cells(kernel):
    kernel.run("async function slow(): Promise<void> {\n  await null\n  throw new Error('late')\n}")
    trace = kernel.trace("type T = string\n\nawait slow()")
    assert ":3:9)" in trace[1] and ":3:" in trace[2]

def test_lines_of_a_printed_error(kernel):
    assert ":3:" in kernel.text("type U = number\n\nconsole.error(new Error('x'))")

def test_type_errors_show_the_place(kernel):
    trace = kernel.trace("const ok = 1\nconst s: string = ok")
    assert ":2:7 - error TS2322" in trace[0] and trace[2].strip() == "^"

def test_no_machine_paths(kernel):
    for code in ("throw new Error('x')", "require('./absent')", "JSON.parse('{')", "import { z } from './absent'"):
        trace = "\n".join(kernel.trace(code))
        assert os.sep + "home" not in trace and os.path.dirname(os.getcwd()) not in trace, trace

# Errors that nothing catches
def test_unhandled_rejection_fails_the_cell(kernel):
    assert kernel.trace("Promise.reject(new Error('forgotten'))")[0] == "Error: forgotten"

def test_exception_in_a_timer_fails_the_cell(kernel):
    assert kernel.trace("setTimeout(() => { throw new Error('tick') }, 5); await new Promise(r => setTimeout(r, 100))")[0] == "Error: tick"

# Console
@pytest.mark.parametrize("code,status", [
    ("const t = `abc", "incomplete"), ("`a${1", "incomplete"), ("/* open", "incomplete"), ("if (true) {", "incomplete"),
    ("1 +", "incomplete"), ("`abc`", "complete"), ("await f()", "complete"), ("const = 3;", "invalid"), ("let x = ) + 1", "invalid"),
])
def test_is_complete(kernel, code, status):
    assert kernel.reply(kernel.client.is_complete(code))["status"] == status

def test_positions_count_code_points(kernel):
    code = "const s = '\U0001F600'; Math.sqr"
    reply = kernel.reply(kernel.client.complete(code, len(code)))
    assert "sqrt" in reply["matches"] and code[reply["cursor_start"]:reply["cursor_end"]] == "sqr"

def test_first_completion_after_start():
    session = Session()
    try:
        begin = time.time()
        reply = session.reply(session.client.complete("Math.sq", 7))
        print(f"first completion after {time.time() - begin:.2f} s")
        assert "sqrt" in reply["matches"]
    finally:
        session.close()

# Output
def test_many_lines(kernel):
    text = kernel.text("for (let i = 0; i < 30000; i++) console.log(i)")
    assert text.split() == [str(i) for i in range(30000)]

def test_output_of_a_synchronous_loop_is_live(kernel):
    msg_id = kernel.client.execute("for (let i = 0; i < 6; i++) { const t = Date.now(); while (Date.now() - t < 200); console.log(i) }")
    times, end = [], time.time() + CELL_TIMEOUT
    while len(times) < 5 and time.time() < end:
        message = kernel.client.get_iopub_msg(timeout=CELL_TIMEOUT)
        if message["msg_type"] == "stream":
            times.append(time.time())
    kernel.outputs(msg_id); kernel.reply(msg_id)
    assert times[-1] - times[0] > 0.4

def test_value_with_several_mime_types(kernel):
    _, found = kernel.run("({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>x</b>', 'text/plain': 'x' }) })")
    assert found[0][1]["data"] == {"text/html": "<b>x</b>", "text/plain": "x"}

def test_front_end_object(kernel):
    code = """const front = (globalThis as any)[Symbol.for("Jupyter.frontend")];
    const h = front.display({ "text/plain": "1" }); h.update({ "text/plain": "2" }); front.clear({ wait: true })"""
    assert [kind for kind, _ in kernel.run(code)[1]] == ["display_data", "update_display_data", "clear_output"]

def test_code_that_takes_the_signal_stops_by_itself(kernel):
    interrupt(kernel, """let ended = false
    const signal: AbortSignal = (globalThis as any)[Symbol.for("Jupyter.frontend")].signal
    console.log('begun'); try { while (!signal.aborted) { const t = Date.now(); while (Date.now() - t < 300); await new Promise(r => setTimeout(r, 1)) } } finally { ended = true }""")
    assert kernel.value("ended") == "true"

def test_library_hears_of_a_forced_stop_and_can_put_itself_right(kernel):
    kernel.run("""let depth = 0; const enter = () => { depth++; try { console.log('begun'); while (true); } finally { depth-- } };
    (globalThis as any)[Symbol.for("Jupyter.frontend")].onForcedStop(() => { depth = 0 })""")
    for code in ("enter()", "await null; enter()"):
        interrupt(kernel, code)
        assert kernel.value("depth") == "0"

def test_output_after_an_interrupt(kernel):
    interrupt(kernel, f"await null; {LOOP}")
    assert kernel.text("console.log('still here')") == "still here\n"

# Requests
def test_input_is_refused_in_words(kernel):
    code = "import { createInterface } from 'readline/promises'; await createInterface({ input: process.stdin, output: process.stdout }).question('name? ')"
    assert "input is not supported" in kernel.trace(code)[0]

def test_unknown_requests_are_answered(kernel):
    message = kernel.client.session.msg("debug_request", {})
    kernel.client.shell_channel.send(message)
    reply = kernel.reply(message["header"]["msg_id"])
    assert reply["status"] == "error" and "debug_request is not supported" in reply["evalue"]

def test_a_comm_is_closed(kernel):
    message = kernel.client.session.msg("comm_open", {"comm_id": "c1", "target_name": "t", "data": {}})
    kernel.client.shell_channel.send(message)
    while True:
        got = kernel.client.get_iopub_msg(timeout=CELL_TIMEOUT)
        if got["msg_type"] == "comm_close": break
    assert got["content"]["comm_id"] == "c1"

def test_clear_output(kernel):
    _, found = kernel.run("""console.log("old"); (globalThis as any)[Symbol.for("Jupyter.frontend")].clear()""")
    assert [kind for kind, _ in found] == ["stream", "clear_output"]

# Imports from the project
@pytest.fixture
def project_file(tmp_path_factory):
    path = os.path.join(os.path.dirname(os.getcwd()), ".cache", f"kernel_test_{os.getpid()}.ts")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    yield path
    os.remove(path)

def test_project_files_can_be_imported_and_changed(kernel, project_file):
    name = os.path.basename(project_file)[:-3]
    for value in (1, 2):
        with open(project_file, "w") as file: file.write(f"export const answer: number = {value};\nexport function fail() {{\n  throw new Error('in a file');\n}}\n")
        assert kernel.value(f"import {{ answer, fail }} from '../.cache/{name}'; answer") == str(value)
    trace = kernel.trace("fail()")
    assert f".cache/{name}.ts:3:9" in trace[1], trace
    with open(project_file, "w") as file: file.write("export const answer: number = 'x';\n")
    assert f"{name}.ts:1:14 - error TS2322" in kernel.trace(f"import {{ answer as wrong }} from '../.cache/{name}'; wrong")[0]

def test_library_import_with_types(kernel):
    assert kernel.value("import { adam } from 'learning-to-learn'; typeof adam({ lr: 0.1 }).update") == "function"
    assert "error TS" in kernel.trace("adam('fast')")[0]

# Life and death
def test_kernel_ends_with_the_process_that_started_it(tmp_path):
    code = """import sys, time
from jupyter_client.manager import KernelManager
manager = KernelManager(kernel_name=sys.argv[1]); manager.start_kernel(); client = manager.client(); client.start_channels()
client.wait_for_ready(timeout=120); print(manager.provisioner.pid, flush=True); import os; os._exit(0)"""
    pid = int(subprocess.run([sys.executable, "-c", code, KERNEL], capture_output=True, text=True, check=True).stdout)
    end = time.time() + 60
    while time.time() < end:
        with open(f"/proc/{pid}/stat") if os.path.exists(f"/proc/{pid}/stat") else open(os.devnull) as file:
            state = file.read().rpartition(")")[2].split()
        if not state or state[0] == "Z": return
        time.sleep(0.2)
    os.kill(pid, 9)
    raise AssertionError("the kernel lives on")
