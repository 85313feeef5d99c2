"""The bare rival: FastAPI that calls ONNX Runtime in its own process. `python direct_server.py MODEL PORT`."""

import sys

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI, Request


def application(model: str) -> FastAPI:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    app = FastAPI()

    @app.post("/predict")
    async def predict(request: Request) -> dict[str, list[float]]:
        waveform = np.frombuffer(await request.body(), "<f4").reshape(1, 1, -1)
        (probabilities,) = session.run(["probabilities"], {"waveform": waveform})
        return {"probabilities": np.asarray(probabilities)[0].tolist()}

    return app


if __name__ == "__main__":
    uvicorn.run(application(sys.argv[1]), port=int(sys.argv[2]), loop="uvloop", http="httptools", access_log=False,
                log_level="warning")  # fmt: skip
