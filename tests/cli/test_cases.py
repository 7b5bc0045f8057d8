"""The golden cases as one test; run.py tells what a case is."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import run

if __name__ == '__main__':
    sys.exit(run.main([]))
