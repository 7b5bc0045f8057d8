#include "check/readers.h"

#include "check/callees.h"

static const char *const surely_readers[] = {
    "pandas.read_csv",
    "pandas.read_table",
    "pandas.read_excel",
    "pandas.read_json",
    "pandas.read_parquet",
    "pandas.read_feather",
    "pandas.read_pickle",
    "pandas.read_hdf",
    "pandas.read_stata",
    "pandas.read_sas",
    "pandas.read_fwf",
    "pandas.ExcelFile",
    "polars.read_*",
    "geopandas.read_file",
    "numpy.load",
    "numpy.loadtxt",
    "numpy.genfromtxt",
    "numpy.fromfile",
    "torch.load",
    "joblib.load",
    "PIL.Image.open",
    "cv2.imread",
    "matplotlib.pyplot.imread",
    "matplotlib.image.imread",
    "skimage.io.imread",
    "imageio.imread",
    "scipy.io.loadmat",
    "librosa.load",
    "nibabel.load",
    "xarray.open_dataset",
    "os.listdir",
    "torchvision.datasets.ImageFolder",
    "*.image_dataset_from_directory",
    ".flow_from_directory",
};

/* May write as well, or take what is no file. */
static const char *const other_readers[] = {
    "pandas.read_*",
    "polars.scan_*",
    "geopandas.read_*",
    "dask.dataframe.read_*",
    "pyarrow.parquet.read_*",
    "numpy.load*",
    "numpy.memmap",
    "torch.jit.load",
    "cv2.CascadeClassifier",
    "soundfile.read",
    "h5py.File",
    "sqlite3.connect",
    "xarray.open_*",
    "spacy.load",
    "fasttext.load_model",
    "onnxruntime.InferenceSession",
    "os.scandir",
    "os.walk",
    "glob.*",
    "zipfile.ZipFile",
    "tarfile.open",
    "*.load_model",
    "*.load_img",
    "*.load_files",
    ".from_pretrained",
    ".from_file",
    ".load_weights",
    ".load_word2vec_format",
};

bool nb_reads_file(nb_str name, nb_str method, bool surely)
{
    return nb_callee_find(name, method, surely_readers, NB_LEN(surely_readers)) >= 0 ||
           (!surely && nb_callee_find(name, method, other_readers, NB_LEN(other_readers)) >= 0);
}
