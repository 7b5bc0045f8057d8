"""What the blocks of a page cannot say: what happened before, what comes along."""

# Findings that come along with another one, because they have the same cause.
ALSO = {'NB002': ('NB301',), 'NB202': ('NB201',)}


def edit_script(project):
    """The script was written, then somebody changed it."""
    project.run()
    script = project.work / 'generated/model/train.py'
    script.write_text(script.read_text().replace('rate = 0.1', 'rate = 0.2'))


def install_from_folder(project):
    """As `pip install -e ../flowerlib` leaves it."""
    site = project.work / '.venv/lib/python3.11/site-packages'
    info = site / 'flowerlib-0.1.dist-info'
    info.mkdir()
    (info / 'METADATA').write_text('Metadata-Version: 2.1\nName: flowerlib\nVersion: 0.1\n')
    (info / 'direct_url.json').write_text('{"dir_info": {"editable": true}, "url": "file:///home/ann/flowerlib"}')
    (info / 'RECORD').write_text('flowerlib.py,,\n')
    (site / 'flowerlib.py').write_text('def rate():\n    return 0.1\n')


BEFORE_RUN = {('NB603', 'Before'): install_from_folder, ('NB701', 'Before'): edit_script, ('NB701', 'After'): edit_script}


def before_run(code, title, project):
    """Does what happens before the command."""
    BEFORE_RUN.get((code, title), lambda project: None)(project)
