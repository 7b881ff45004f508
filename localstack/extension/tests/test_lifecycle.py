import os
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

from conftest import HOME, fetch, script


def answers(port):
    with socket.socket() as s:
        s.settimeout(2)
        return s.connect_ex(("127.0.0.1", int(port))) == 0


def processes(run):
    found = subprocess.run(["pgrep", "-f", f"ourshare-run={run}"], capture_output=True, text=True)
    return found.stdout.split()


def test_start_and_stop_are_idempotent_and_leave_nothing(tmp_path):
    run = tmp_path / "run"
    assert script("stop", run).returncode == 0
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: script("start", run), range(2)))
    assert [b.returncode for b in both] == [0, 0], both
    endpoint = both[0].stdout
    assert endpoint == both[1].stdout and endpoint.count("\n") == 1
    port = endpoint.strip().rpartition(":")[2]
    assert fetch(endpoint.strip() + "/_ourshare/ping")[0] == 200
    assert script("start", run).stdout == endpoint
    assert len(processes(run)) == 1

    assert script("stop", run).returncode == 0
    assert not answers(port) and not processes(run)
    assert script("stop", run).returncode == 0


def test_two_run_directories_are_two_servers(tmp_path, emulator):
    run = tmp_path / "run"
    endpoint = script("start", run).stdout.strip()
    try:
        assert endpoint != emulator.endpoint
    finally:
        assert script("stop", run).returncode == 0
    assert emulator.hook("ping")[0] == 200


def test_a_number_used_again_is_not_the_server(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "pid").write_text(str(os.getpid()))
    (run / "port").write_text("1")
    assert script("stop", run).returncode == 0
    os.kill(os.getpid(), 0)


def test_a_taken_port_is_refused_with_a_sentence(tmp_path, emulator):
    port = emulator.endpoint.rpartition(":")[2]
    failed = script("start", tmp_path / "run", OURSHARE_LOCALSTACK_PORT=port)
    assert failed.returncode == 1 and f"port {port} is taken" in failed.stderr
    assert failed.stdout == ""


def test_an_unknown_argument_is_refused(tmp_path):
    assert script("start", tmp_path, "--nonsense").returncode == 1


def test_the_lock_names_no_registry():
    lock = (HOME / "requirements.lock").read_text()
    assert "http" not in lock and "--hash=sha256:" in lock
