#!/usr/bin/env bash
#
# A job on Kubernetes by spark-submit alone: KUBERNETES=https://HOST:PORT bash conf/kubernetes/spark-submit.sh
#
# The driver is a pod as well (cluster mode). The image is that of the Dockerfile beside this file. The service account, which
# Spark wants for its driver, may create, watch and delete pods, services, config maps and volume claims. The key comes first:
#   kubectl create secret generic batchinfer-upstream --from-literal=OPENAI_API_KEY=...
#
# A driver that was lost is not started again: give the same command again, and the job goes on where it stopped.

set -euo pipefail
: "${KUBERNETES:?is the URL of the API server, such as https://10.0.0.1:6443; kubectl cluster-info tells it}"
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)

exec "${SPARK_HOME:?is the folder of a Spark 4}/bin/spark-submit" \
  --master "k8s://$KUBERNETES" \
  --deploy-mode cluster \
  --name batchinfer \
  --class io.batchinfer.cli.Main \
  --conf spark.kubernetes.namespace=default \
  --conf spark.kubernetes.container.image=batchinfer \
  --conf spark.kubernetes.authenticate.driver.serviceAccountName=spark \
  --conf spark.kubernetes.driver.secretKeyRef.OPENAI_API_KEY=batchinfer-upstream:OPENAI_API_KEY \
  --conf "spark.kubernetes.driver.podTemplateFile=$here/pod-template.yaml" \
  --conf "spark.kubernetes.executor.podTemplateFile=$here/pod-template.yaml" \
  --conf spark.kubernetes.submission.waitAppCompletion=false \
  --conf spark.executor.instances=2 \
  --conf spark.executor.defaultJavaOptions=-XX:+ExitOnOutOfMemoryError \
  --driver-memory 2g \
  --executor-memory 2g \
  --executor-cores 2 \
  local:///opt/batchinfer/batchinfer-job.jar \
  run \
  --input s3a://bucket/requests/ \
  --output s3a://bucket/answers \
  --provider openai \
  --api-key-env OPENAI_API_KEY \
  --concurrency 200 \
  --max-cost 50
