import subprocess
import sys


def test_the_command_loads_nothing_that_only_opens_files():
    loaded = "import sys, babbitt.client.cli; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert {"scipy", "h5py", "obstore"}.isdisjoint(ended.stdout.split())
