"""A batchinfer job as a pod of Kubernetes, started by a scheduled Airflow task. For Airflow 3.

The pod is the whole job: driver and workers are one JVM in it, which is enough where the endpoint is the limit. Its
image is that of conf/kubernetes/Dockerfile. Copy this file into the DAG folder and change what stands under "Change
these".
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.secret import Secret
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

# Change these.
IMAGE = "batchinfer"
NAMESPACE = "default"
JOB_JAR = "/opt/batchinfer/batchinfer-job.jar"
INPUT = "s3a://bucket/requests/{{ ds }}/"
OUTPUT = "s3a://bucket/answers/{{ ds }}"
KEY = Secret("env", "OPENAI_API_KEY", "batchinfer-upstream", "OPENAI_API_KEY")
OPTIONS = [
    "--provider", "openai",
    "--api-key-env", "OPENAI_API_KEY",
    "--concurrency", "200",
    "--max-cost", "50",
]  # fmt: skip

# Where Airflow's sidecar looks for what a pod returns.
XCOM = "/airflow/xcom/return.json"

with DAG(
    dag_id="batchinfer_pod",
    schedule="@daily",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    tags=["batchinfer"],
) as dag:
    run = KubernetesPodOperator(
        task_id="run",
        name="batchinfer",
        namespace=NAMESPACE,
        image=IMAGE,
        cmds=["/opt/spark/bin/spark-submit"],
        arguments=[
            "--master", "local[*]", "--driver-memory", "2g", "--class", "io.batchinfer.cli.Main", JOB_JAR,
            "run", "--input", INPUT, "--output", OUTPUT, "--run-id", "{{ run_id }}",
            *OPTIONS, "--summary-file", XCOM,
        ],  # fmt: skip
        secrets=[KEY],
        # The summary, the object of --json.
        do_xcom_push=True,
        # Too many failed rows, cancelled, timed out, out of budget: the job ended, and another try would say the same.
        skip_on_exit_code=[3, 4, 5, 6],
        # More than --drain-timeout: what is under way is waited for and saved.
        termination_grace_period=60,
        retries=3,
        retry_delay=timedelta(minutes=1),
        retry_exponential_backoff=True,
        execution_timeout=timedelta(hours=24),
    )

    # After a job that completed.
    run >> EmptyOperator(task_id="use_answers")
    # After one that ended otherwise, which skips its task.
    run >> EmptyOperator(task_id="ask_somebody", trigger_rule="all_skipped")
