# The demo on a processor: docker build -t d2st . && docker run -p 7860:7860 d2st
FROM python:3.11-slim

RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home visitor
WORKDIR /home/visitor/app

COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY app.py ./
COPY d2st d2st
COPY checkpoints checkpoints
COPY assets/examples assets/examples

USER visitor
ENV HF_HUB_OFFLINE=1 MPLCONFIGDIR=/tmp/matplotlib
EXPOSE 7860
HEALTHCHECK --start-period=60s --interval=30s --timeout=5s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
CMD ["python", "app.py", "--host", "0.0.0.0"]
