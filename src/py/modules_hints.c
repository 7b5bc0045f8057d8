#include "py/modules_tables.h"

const nb_str nb_modules_alternatives[] = {
    NB_STR_ROW("cudf-cu12 cudf-cu11 cudf-cu13"),
    NB_STR_ROW("cugraph-cu12 cugraph-cu11 cugraph-cu13"),
    NB_STR_ROW("cuml-cu12 cuml-cu11 cuml-cu13"),
    NB_STR_ROW("cupy-cuda12x cupy cupy-cuda11x cupy-cuda13x cupy-rocm-5-0"),
    NB_STR_ROW("discord-py discord"),
    NB_STR_ROW("faiss-cpu faiss-gpu faiss-gpu-cu11 faiss-gpu-cu12"),
    NB_STR_ROW("haystack-ai farm-haystack django-haystack"),
    NB_STR_ROW("igraph python-igraph"),
    NB_STR_ROW("levenshtein python-levenshtein"),
    NB_STR_ROW("mlflow mlflow-skinny"),
    NB_STR_ROW("mysqlclient mysql-python"),
    NB_STR_ROW("newspaper3k newspaper4k"),
    NB_STR_ROW("nvidia-dali-cuda120 nvidia-dali-cuda110 nvidia-dali-cuda130"),
    NB_STR_ROW("onnxruntime onnxruntime-gpu onnxruntime-directml onnxruntime-openvino"),
    /* The scripts run on machines without a screen, where the other wheels stop at a missing libGL. */
    NB_STR_ROW("opencv-python-headless opencv-python opencv-contrib-python "
               "opencv-contrib-python-headless"),
    NB_STR_ROW("pandas-profiling ydata-profiling"),
    NB_STR_ROW("pillow pillow-simd"),
    NB_STR_ROW("pinecone pinecone-client"),
    NB_STR_ROW("progressbar2 progressbar progressbar33"),
    NB_STR_ROW("psycopg2-binary psycopg2"),
    NB_STR_ROW("pycryptodome pycrypto"),
    NB_STR_ROW("pygame pygame-ce"),
    NB_STR_ROW("pysocks socksipy-branch"),
    NB_STR_ROW("python-barcode barcode-generator"),
    NB_STR_ROW("python-magic python-magic-bin filemagic"),
    NB_STR_ROW("python-slugify unicode-slugify awesome-slugify"),
    NB_STR_ROW("python-snappy ctypes-snappy"),
    NB_STR_ROW("tensorflow tensorflow-cpu tensorflow-gpu tensorflow-macos tensorflow-intel "
               "tensorflow-aarch64 tensorflow-cpu-aws intel-tensorflow tf-nightly"),
    NB_STR_ROW("tflite-runtime tflite-runtime-nightly"),
    NB_STR_ROW("torch torch-directml"),
    NB_STR_ROW("torchtext torchtext-nightly"),
    NB_STR_ROW("xgboost xgboost-cpu"),
};
const size_t nb_modules_alternatives_count = NB_LEN(nb_modules_alternatives);

const nb_str nb_modules_implied = NB_STR_ROW(
    "dask.distributed:distributed keras.utils.plot_model:pydot plotly.express:pandas "
    "tensorflow.keras.utils.plot_model:pydot torch.utils.tensorboard:tensorboard "
    "transformers.AlbertTokenizer:sentencepiece transformers.BitsAndBytesConfig:bitsandbytes "
    "transformers.LlamaTokenizer:sentencepiece transformers.Seq2SeqTrainer:accelerate "
    "transformers.Seq2SeqTrainingArguments:accelerate transformers.T5Tokenizer:sentencepiece "
    "transformers.Trainer:accelerate transformers.TrainingArguments:accelerate "
    "transformers.XLMRobertaTokenizer:sentencepiece");

#define HINT(module, hint)                   \
    {                                        \
        NB_STR_ROW(module), NB_STR_ROW(hint) \
    }

const nb_module_hint_row nb_modules_hints[] = {
    HINT("BaseHTTPServer", "import http.server: this is Python 2's name"),
    HINT("ConfigParser", "import configparser: this is Python 2's name"),
    HINT("Cookie", "import http.cookies: this is Python 2's name"),
    HINT("HTMLParser", "import html.parser: this is Python 2's name"),
    HINT("Image", "import it from PIL: 'from PIL import Image'"),
    HINT("Queue", "import queue: this is Python 2's name"),
    HINT("SocketServer", "import socketserver: this is Python 2's name"),
    HINT("StringIO", "use io.StringIO: this is Python 2's name"),
    HINT("Tkinter", "import tkinter: this is Python 2's name"),
    HINT("UserDict", "use collections.UserDict: this is Python 2's name"),
    HINT("__builtin__", "import builtins: this is Python 2's name"),
    HINT("asynchat",
         "rewrite it with asyncio, or name 'pyasynchat' in a cell tagged 'requirements'"),
    HINT("asyncore",
         "rewrite it with asyncio, or name 'pyasyncore' in a cell tagged 'requirements'"),
    HINT("audioop", "name 'audioop-lts' in a cell tagged 'requirements'"),
    HINT("cPickle", "import pickle: this is Python 2's name"),
    HINT("cStringIO", "use io.BytesIO or io.StringIO: this is Python 2's name"),
    HINT("cgi", "name 'legacy-cgi' in a cell tagged 'requirements'"),
    HINT("clip", "name the repository 'git+https://github.com/openai/CLIP.git' in a cell tagged "
                 "'requirements': the project 'clip' on PyPI is another one"),
    HINT("commands", "use subprocess.getoutput: this is Python 2's name"),
    HINT("cookielib", "import http.cookiejar: this is Python 2's name"),
    HINT("detectron2",
         "name the repository 'git+https://github.com/facebookresearch/detectron2.git' "
         "in a cell tagged 'requirements'"),
    HINT("distutils", "use packaging.version, shutil or sysconfig, or name 'setuptools' in a cell "
                      "tagged 'requirements'"),
    HINT("en_core_web_lg", "name the address of the model's wheel in a cell tagged 'requirements'"),
    HINT("en_core_web_md", "name the address of the model's wheel in a cell tagged 'requirements'"),
    HINT("en_core_web_sm", "name the address of the model's wheel in a cell tagged 'requirements'"),
    HINT("graphlib", "choose Python 3.9 or newer"),
    HINT("htmlentitydefs", "import html.entities: this is Python 2's name"),
    HINT("httplib", "import http.client: this is Python 2's name"),
    HINT("imghdr", "look at the format with PIL.Image.open(path).format"),
    HINT("imp", "use importlib: importlib.reload, importlib.util"),
    HINT("md5", "use hashlib.md5: this is Python 2's name"),
    HINT("pipes", "use shlex.quote or subprocess"),
    HINT("sets", "use set: this is Python 2's name"),
    HINT("tomllib", "choose Python 3.11 or newer, or import tomli"),
    HINT("urllib2", "import urllib.request: this is Python 2's name"),
    HINT("urlparse", "import urllib.parse: this is Python 2's name"),
    HINT("zoneinfo", "choose Python 3.9 or newer, or import backports.zoneinfo"),
};
const size_t nb_modules_hints_count = NB_LEN(nb_modules_hints);
