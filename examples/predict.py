import numpy as np

from babbitt.client import Babbitt

with Babbitt() as babbitt:  # BABBITT_URL and BABBITT_KEY say where, and who asks
    answer = babbitt.predict("pump", np.load("build/waveform.npy"), sampling_rate_hz=20_480)
    print(answer.fault, answer.confidence, answer.model.version)
