"""sum_tests.py PASSED FAILED JUNIT.xml...: add up test reports; prints the closing line, exits 1 when anything failed or nothing ran."""
import sys
import xml.etree.ElementTree as ET

passed, failed, skipped = int(sys.argv[1]), int(sys.argv[2]), 0
for path in sys.argv[3:]:
    try:
        suite = ET.parse(path).getroot()
    except (OSError, ET.ParseError):  # ctest wrote no report: the step itself was counted as failed
        continue
    states = [case.get('status') for case in suite.iter('testcase')]
    passed += states.count('run')
    failed += states.count('fail')
    skipped += len(states) - states.count('run') - states.count('fail')
print(f'{passed} passed, {failed} failed, {skipped} skipped')
sys.exit(failed > 0 or passed == 0)
