"""The Jupyter project's own suite (PyPI jupyter_kernel_test) for our kernel, and what it leaves out; kernel.test.mts runs it."""
import os, time, unittest, queue
import jupyter_kernel_test as jkt

jkt.TIMEOUT = LONG = 60  # s, for a busy machine

class TypeScript(jkt.KernelTests):
    kernel_name = os.environ.get("KERNEL", "tslab")
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [
        {"text": "Math.sq", "matches": {"sqrt", "SQRT2", "SQRT1_2"}},  # matches ignore case
        {"text": "parseFl", "matches": {"parseFloat"}},
    ]
    complete_code_samples = ["1", "console.log('hello, world')", "function f(x: number) {\n  return x;\n}\n"]
    incomplete_code_samples = ["console.log(", "function f(x: number) {", "const t = `abc"]
    invalid_code_samples = ["const = 3;", "let x = ) + 1"]
    code_generate_error = "throw new Error('boom');"
    code_execute_result = [{"code": "1 + 2", "result": "3"}, {"code": "[1, 2]", "result": "[ 1, 2 ]"}]
    code_display_data = [
        {"code": "import { display } from 'tslab'; display.html('<b>x</b>')", "mime": "text/html"},
        {"code": "import * as tslab from 'tslab'; tslab.display.png(new Uint8Array([1, 2]))", "mime": "image/png"},
    ]
    code_inspect_sample = "parseFloat"
    code_clear_output = "(globalThis as any)[Symbol.for('Jupyter.frontend')].clear()"
    code_history_pattern = "1?+*"
    supported_history_operations = ("tail", "range", "search")

    def setUp(self):  # a kernel hung by an earlier test must not fail the later ones
        self.kc.kernel_info()
        try: self.kc.get_shell_msg(timeout=LONG)
        except queue.Empty: self.km.restart_kernel(now=True); self.kc.wait_for_ready(timeout=LONG)

    # what the suite leaves out
    def run_until_idle(self, msg_id, timeout=LONG):
        out, end = [], time.time() + timeout
        while time.time() < end:
            try: m = self.kc.get_iopub_msg(timeout=1)
            except queue.Empty: continue
            if m["parent_header"].get("msg_id") != msg_id: continue
            out.append(m)
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle": return out
        self.fail("no idle message")

    def interrupted(self, code, wait=1.0):
        self.flush_channels()
        mid = self.kc.execute(code); time.sleep(wait); t = time.time(); self.km.interrupt_kernel()
        rep = self.kc.get_shell_msg(timeout=LONG); dt = time.time() - t
        self.run_until_idle(mid)
        self.assertEqual(rep["content"]["status"], "error"); self.assertLess(dt, LONG)
        return dt

    def test_x_interrupt_sync(self): self.interrupted("while (true) { Math.sqrt(2) }")
    def test_x_interrupt_await(self): self.interrupted("await new Promise(r => setTimeout(r, 60000))")
    def test_x_interrupt_sync_after_await(self): self.interrupted("await null; await new Promise(r => setTimeout(r, 10)); while (true) { Math.sqrt(2) }")
    def test_x_interrupt_stops_loop(self):
        self.interrupted("globalThis.n = 0; while (true) { globalThis.n++; await new Promise(r => setTimeout(r, 20)) }")
        self.flush_channels(); a = self.val("globalThis.n"); time.sleep(0.5); self.assertEqual(a, self.val("globalThis.n"))
    def val(self, code):
        mid = self.kc.execute(f"console.log({code})"); self.kc.get_shell_msg(timeout=LONG)
        return "".join(m["content"].get("text", "") for m in self.run_until_idle(mid) if m["msg_type"] == "stream").strip()
    def test_x_many_lines(self):
        self.flush_channels(); mid = self.kc.execute("for (let i = 0; i < 3000; i++) console.log(i)"); self.kc.get_shell_msg(timeout=LONG)
        t = "".join(m["content"].get("text", "") for m in self.run_until_idle(mid) if m["msg_type"] == "stream")
        self.assertEqual(len(t.split()), 3000)
    def test_x_order_of_streams(self):
        self.flush_channels(); mid = self.kc.execute("console.log('a'); console.error('b'); console.log('c'); 5"); self.kc.get_shell_msg(timeout=LONG)
        k = [m["content"].get("name") or m["msg_type"] for m in self.run_until_idle(mid) if m["msg_type"] in ("stream", "execute_result")]
        self.assertEqual(k, ["stdout", "stderr", "stdout", "execute_result"])
    def test_x_update_display(self):
        self.flush_channels(); mid = self.kc.execute("import { newDisplay } from 'tslab'; const dd = newDisplay(); dd.text('1'); dd.text('2')"); self.kc.get_shell_msg(timeout=LONG)
        k = [m["msg_type"] for m in self.run_until_idle(mid) if "display" in m["msg_type"]]
        self.assertEqual(k, ["display_data", "update_display_data"])
    def test_x_execution_count_and_silent(self):
        self.flush_channels(); r1, _ = self.execute_helper("1"); r2, out = self.execute_helper("2", silent=True, store_history=False); r3, _ = self.execute_helper("3")
        self.assertEqual(out, []); self.assertEqual(r3["content"]["execution_count"], r1["content"]["execution_count"] + 1)
    def test_x_abort_after_error(self):
        self.flush_channels(); ids = [self.kc.execute(c) for c in ("throw 1", "1", "2")]
        st = [self.kc.get_shell_msg(timeout=LONG)["content"]["status"] for _ in ids]
        self.assertEqual(st, ["error", "aborted", "aborted"])
        time.sleep(0.3); self.flush_all(); mid = self.kc.execute("7"); self.assertEqual(self.kc.get_shell_msg(timeout=LONG)["content"]["status"], "ok")
    def test_x_no_stop_on_error(self):
        self.flush_all(); ids = [self.kc.execute(c, stop_on_error=False) for c in ("throw 1", "1", "2")]
        self.assertEqual([self.kc.get_shell_msg(timeout=LONG)["content"]["status"] for _ in ids], ["error", "ok", "ok"])
    def flush_all(self):
        for c in (self.kc.get_shell_msg, self.kc.get_iopub_msg):
            try:
                while True: c(timeout=0.2)
            except queue.Empty: pass
    def test_x_user_expressions(self):
        self.flush_all(); self.kc.execute("1", user_expressions={"a": "1 + 1"}); self.assertIn("a", self.kc.get_shell_msg(timeout=LONG)["content"].get("user_expressions", {}))
    def test_x_comm_info(self):
        self.flush_all(); self.kc.comm_info(); r = self.kc.get_shell_msg(timeout=LONG)
        self.assertEqual(r["msg_type"], "comm_info_reply"); self.assertEqual(r["content"].get("status"), "ok")
    def test_x_control_kernel_info(self):
        self.flush_all(); m = self.kc.session.msg("kernel_info_request"); self.kc.control_channel.send(m); r = self.kc.get_control_msg(timeout=LONG)
        self.assertEqual(r["msg_type"], "kernel_info_reply")
    def test_x_inspect_not_found(self):
        self.flush_all(); self.kc.inspect("zzzz_nothing"); r = self.kc.get_shell_msg(timeout=LONG); self.assertFalse(r["content"]["found"])
    def test_x_inspect_inside_call(self):
        self.flush_all(); self.kc.inspect("parseFloat('1')", 13); r = self.kc.get_shell_msg(timeout=LONG); self.assertIn("parseFloat", r["content"]["data"].get("text/plain", ""))
    def test_x_control_while_busy(self):
        self.flush_all(); mid = self.kc.execute("for (const t = Date.now(); Date.now() - t < 3000;) Math.sqrt(2)"); time.sleep(0.5); t = time.time()
        self.kc.session.send(self.kc.control_channel.socket, "kernel_info_request"); self.kc.get_control_msg(timeout=LONG); dt = time.time() - t
        self.kc.get_shell_msg(timeout=LONG); self.assertLess(dt, 3)
    def test_x_busy_idle_per_cell(self):  # "Run all": each cell is busy only while it runs, a completion in between leaves the kernel busy
        self.flush_all(); ids = [self.kc.execute("await new Promise(r => setTimeout(r, 300))") for _ in range(2)]; time.sleep(0.1); self.kc.complete("Math.s")
        for _ in range(3): self.kc.get_shell_msg(timeout=LONG)
        st, last = [], None
        while last != ("idle", ids[1]):
            m = self.kc.get_iopub_msg(timeout=LONG)
            if m["msg_type"] == "status":
                last = (m["content"]["execution_state"], m["parent_header"]["msg_id"]); st.append(last)
        cells = [x for x in st if x[1] in ids]
        self.assertEqual([c for i, c in enumerate(cells) if i == 0 or c != cells[i - 1]], [("busy", ids[0]), ("idle", ids[0]), ("busy", ids[1]), ("idle", ids[1])])
        i = st.index(("idle", next(x[1] for x in st if x[1] not in ids))); self.assertEqual(st[i + 1][0], "busy")
    def test_y_restart(self):
        self.km.restart_kernel(now=False); self.kc.wait_for_ready(timeout=LONG); self.assertEqual(self.val("typeof globalThis.n"), "undefined")

if __name__ == "__main__": unittest.main()
