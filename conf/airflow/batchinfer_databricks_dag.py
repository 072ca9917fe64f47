"""A batchinfer job on Databricks as a scheduled Airflow task. For Airflow 3.

It runs the job "batchinfer" of the bundle in conf/databricks, whose cluster it uses, with parameters of its own. Copy
this file into the DAG folder and change what stands under "Change these". The connection ``databricks_default`` names
the workspace.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from airflow.exceptions import AirflowException, AirflowFailException
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, ObjectStoragePath, task

# Change these.
JOB_NAME = "batchinfer"
INPUT = "s3://bucket/requests/{{ ds }}/"
OUTPUT = "s3://bucket/answers/{{ ds }}"
# Where the driver writes how it ended: a path of a store that the Airflow worker can read as well.
SUMMARY = "s3://bucket/answers/{{ ds }}-summary.json"
# The key is an environment variable of the cluster, which gets it from a secret.
OPTIONS = [
    "--provider", "openai",
    "--api-key-env", "OPENAI_API_KEY",
    "--concurrency", "200",
    "--max-cost", "50",
]  # fmt: skip

# Exit codes of a job that ended with a result of its own, and of a mistake that the next try would make again.
ENDED = {0, 3, 4, 5, 6}
MISTAKE = 2


class BatchInferRunOperator(DatabricksRunNowOperator):
    """Runs the job and returns its summary as XCom. The run's own page is the link ``run_page_url``.

    :param summary_file: where the driver writes its summary (templated)
    """

    template_fields = (*DatabricksRunNowOperator.template_fields, "summary_file")

    def __init__(self, *, summary_file: str, **databricks: Any) -> None:
        super().__init__(**databricks)
        self.summary_file = summary_file

    def execute(self, context: Any) -> dict[str, Any]:
        path = ObjectStoragePath(self.summary_file)
        # An earlier try's is not how this one ends.
        path.unlink(missing_ok=True)
        failure: AirflowException | None = None
        try:
            super().execute(context)
        except AirflowException as thrown:
            failure = thrown
        if not path.exists():
            raise failure or AirflowException(f"The driver left no summary in {self.summary_file!r}.")
        summary = json.loads(path.read_text())
        self.log.info("batchinfer: %s", summary.get("message") or summary["status"])
        if summary["exit_code"] in ENDED:
            return summary
        if summary["exit_code"] == MISTAKE:
            raise AirflowFailException(summary["message"])
        raise failure or AirflowException(summary["message"])


with DAG(
    dag_id="batchinfer_databricks",
    schedule="@daily",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    tags=["batchinfer"],
) as dag:
    run = BatchInferRunOperator(
        task_id="run",
        job_name=JOB_NAME,
        jar_params=[
            "run", "--input", INPUT, "--output", OUTPUT, "--run-id", "{{ run_id }}",
            *OPTIONS, "--summary-file", SUMMARY,
        ],  # fmt: skip
        summary_file=SUMMARY,
        # No idempotency_token: with one, the next try gets the failed run instead of a new one. A second run beside a
        # living one ends with exit code 7. No repair_run either: the bundle's task is tried again by itself, and a new
        # run goes on with the same job.
        # The summary is read when the run is over, so the task stays with it.
        deferrable=False,
        retries=3,
        retry_delay=timedelta(minutes=1),
        retry_exponential_backoff=True,
        execution_timeout=timedelta(hours=24),
    )

    @task.branch
    def by_status(summary: dict[str, Any]) -> str:
        """The next task, by how the job ended."""
        return {"completed": "use_answers", "too_many_failures": "look_at_errors"}.get(
            summary["status"], "ask_somebody"
        )

    by_status(run.output) >> [
        EmptyOperator(task_id="use_answers"),
        EmptyOperator(task_id="look_at_errors"),
        EmptyOperator(task_id="ask_somebody"),
    ]
