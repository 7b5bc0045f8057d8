#include "requirements/code_rules.h"

#define FRAMES "pandas geopandas dask modin"

const nb_code_rule nb_code_rules[] = {
    {"pandas.read_parquet",         NULL,           "engine",       "fastparquet", "fastparquet",           true },
    {"pandas.read_parquet",         NULL,           NULL,           NULL,          "pyarrow fastparquet",   true },
    {"dask.dataframe.read_parquet", NULL,           NULL,           NULL,          "pyarrow fastparquet",   true },
    {"geopandas.read_parquet",      NULL,           NULL,           NULL,          "pyarrow",               true },
    {"pandas.read_feather",         NULL,           NULL,           NULL,          "pyarrow",               true },
    {"pandas.read_orc",             NULL,           NULL,           NULL,          "pyarrow",               true },
    {".to_parquet",                 FRAMES,         "engine",       "fastparquet", "fastparquet",           true },
    {".to_parquet",                 FRAMES,         NULL,           NULL,          "pyarrow fastparquet",   true },
    {".to_feather",                 FRAMES,         NULL,           NULL,          "pyarrow",               true },
    {"pandas.read_excel",           NULL,           NULL,           "*.xls",       "xlrd",                  true },
    {"pandas.read_excel",           NULL,           NULL,           "*.xlsb",      "pyxlsb",                true },
    {"pandas.read_excel",           NULL,           NULL,           "*.ods",       "odfpy",                 true },
    {"pandas.read_excel",           NULL,           NULL,           NULL,          "openpyxl",              true },
    {".to_excel",                   FRAMES,         NULL,           NULL,          "openpyxl xlsxwriter",   true },
    {"pandas.read_html",            NULL,           NULL,           NULL,          "lxml html5lib",         true },
    {"pandas.read_xml",             NULL,           NULL,           NULL,          "lxml",                  true },
    {"pandas.read_hdf",             NULL,           NULL,           NULL,          "tables",                true },
    {"pandas.HDFStore",             NULL,           NULL,           NULL,          "tables",                true },
    {".to_hdf",                     "pandas",       NULL,           NULL,          "tables",                true },
    {".to_markdown",                "pandas",       NULL,           NULL,          "tabulate",              true },
    {".plot",                       "pandas",       NULL,           NULL,          "matplotlib",            false},
    {".boxplot",                    "pandas",       NULL,           NULL,          "matplotlib",            false},
    {"transformers.*",              NULL,           "load_in_8bit", NULL,          "bitsandbytes",          true },
    {"transformers.*",              NULL,           "load_in_4bit", NULL,          "bitsandbytes",          true },
    {".from_pretrained",            "transformers", "load_in_8bit", NULL,          "bitsandbytes",          true },
    {".from_pretrained",            "transformers", "load_in_4bit", NULL,          "bitsandbytes",          true },
    {".from_pretrained",            "transformers", "device_map",   NULL,          "accelerate",            true },
    {"datasets.Audio",              NULL,           NULL,           NULL,          "soundfile",             true },
    {".write_image",                "plotly",       NULL,           NULL,          "kaleido",               true },
    {"seaborn.residplot",           NULL,           "lowess",       NULL,          "statsmodels",           true },
    {"seaborn.regplot",             NULL,           "lowess",       NULL,          "statsmodels",           true },
    {"joblib.dump",                 NULL,           "compress",     "lz4",         "lz4",                   true },
    {"joblib.parallel_backend",     NULL,           NULL,           "dask",        "distributed",           true },
    {"imageio.mimwrite",            NULL,           NULL,           "*.mp4",       "imageio-ffmpeg",        true },
    {"imageio.mimsave",             NULL,           NULL,           "*.mp4",       "imageio-ffmpeg",        true },
    {"imageio.get_writer",          NULL,           NULL,           "*.mp4",       "imageio-ffmpeg",        true },
    {"xarray.open_dataset",         NULL,           NULL,           "*.nc",        "netcdf4 h5netcdf",      true },
    {"xarray.open_mfdataset",       NULL,           NULL,           "*.nc",        "netcdf4 h5netcdf dask", true },
    {"torch.compile",               NULL,           "backend",      "tensorrt",    "torch-tensorrt",        true },
};
const size_t nb_code_rule_count = NB_LEN(nb_code_rules);

const nb_code_scheme nb_code_storage[] = {
    {"s3://",    "s3fs"           },
    {"s3a://",   "s3fs"           },
    {"gs://",    "gcsfs"          },
    {"gcs://",   "gcsfs"          },
    {"abfs://",  "adlfs"          },
    {"abfss://", "adlfs"          },
    {"az://",    "adlfs"          },
    {"adl://",   "adlfs"          },
    {"wasbs://", "adlfs"          },
    {"hf://",    "huggingface-hub"},
};
const size_t nb_code_storage_count = NB_LEN(nb_code_storage);

const nb_code_scheme nb_code_databases[] = {
    {"postgresql+psycopg://",   "psycopg"                 },
    {"postgresql+asyncpg://",   "asyncpg"                 },
    {"postgresql+psycopg2://",  "psycopg2-binary psycopg2"},
    {"postgresql://",           "psycopg2-binary psycopg2"},
    {"mysql+pymysql://",        "pymysql"                 },
    {"mysql+mysqlconnector://", "mysql-connector-python"  },
    {"mysql://",                "mysqlclient"             },
    {"mssql+pyodbc://",         "pyodbc"                  },
    {"oracle+oracledb://",      "oracledb"                },
    {"snowflake://",            "snowflake-sqlalchemy"    },
    {"bigquery://",             "sqlalchemy-bigquery"     },
    {"duckdb://",               "duckdb-engine"           },
};
const size_t nb_code_database_count = NB_LEN(nb_code_databases);
