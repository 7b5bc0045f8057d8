"""The peer: what a careful user of FastAPI writes for the same model. Started by uvicorn; MODEL names the file."""
import os

import joblib
import numpy
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = joblib.load(os.environ["MODEL"])


class Rows(BaseModel):
    """The body of a request."""

    instances: list[list[float]]


@app.get("/ping")
async def ping():
    """Tell that the model is loaded."""
    return {}


@app.post("/invocations")
async def predict(rows: Rows):
    """Predict each row."""
    return {"predictions": model.predict(numpy.array(rows.instances)).tolist()}
