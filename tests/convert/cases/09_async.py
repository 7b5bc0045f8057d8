# await at the top level of cells, and a loop that lives across them.
# %% imports
import asyncio
import numpy as np
from sklearn.linear_model import LinearRegression
# %% preprocess
async def fetch(n):
    await asyncio.sleep(0)
    return [float(n), 2.0 * n]

rows = await asyncio.gather(*(fetch(i) for i in range(5)))
# %% train
data = np.array(rows)
model = LinearRegression()
model.fit(data[:, :1], data[:, 1])
r2 = model.score(data[:, :1], data[:, 1])
# %% kernel
rows = [[float(n), 2.0 * n] for n in range(5)]
data = np.array(rows)
model = LinearRegression()
model.fit(data[:, :1], data[:, 1])
r2 = model.score(data[:, :1], data[:, 1])
# %% check
metrics = ["r2"]
sample = [[3.0], [4.5]]
replace_kernel = True
