"""A batchinfer job as a scheduled Airflow task, submitted with spark-submit. For Airflow 3.

Copy this file into the DAG folder and change what stands under "Change these". The connection ``spark_default`` says
where the cluster is.

Airflow may give the command as often as it likes. A job that is finished is not run again, one that was interrupted
goes on where it stopped, and a second command beside a running one is refused with exit code 7: no row is paid twice.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from airflow.exceptions import AirflowException, AirflowFailException
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, ObjectStoragePath, task

# Change these.
JOB_JAR = "/opt/batchinfer/batchinfer-job.jar"
INPUT = "s3a://bucket/requests/{{ ds }}/"
OUTPUT = "s3a://bucket/answers/{{ ds }}"
# Where the driver writes how it ended: a path that the Airflow worker can read. In client mode that is any path of the
# worker itself; in cluster mode, a path in a store, such as s3a://bucket/answers/{{ ds }}-summary.json.
SUMMARY = "/tmp/batchinfer-{{ run_id }}.json"
# The key is an environment variable of the driver; executors get it from there.
OPTIONS = [
    "--provider", "openai",
    "--api-key-env", "OPENAI_API_KEY",
    "--concurrency", "200",
    "--max-cost", "50",
]  # fmt: skip

# Exit codes of a job that ended with a result of its own: the branch below decides what they mean for the pipeline.
# completed, too many failed rows, cancelled, timed out, out of budget
ENDED = {0, 3, 4, 5, 6}
# The command line or the input is wrong, and will be at the next try.
MISTAKE = 2


class BatchInferOperator(SparkSubmitOperator):
    """Runs ``batchinfer run`` and returns its summary, the object of ``--json``, as XCom.

    A job that ended with a result returns it, whatever its exit code. A mistake in the command fails the task at
    once. Everything else (an executor or a driver lost, the endpoint away, another run at work on the same output)
    fails this try; the next one goes on with the job.

    :param run_options: what follows ``run`` on the command line (templated)
    :param summary_file: where the driver writes its summary (templated)
    """

    template_fields = (*SparkSubmitOperator.template_fields, "summary_file")

    def __init__(self, *, run_options: list[str], summary_file: str, **spark: Any) -> None:
        super().__init__(
            java_class="io.batchinfer.cli.Main",
            application_args=["run", *run_options, "--summary-file", summary_file],
            **spark,
        )
        self.summary_file = summary_file

    def execute(self, context: Any) -> dict[str, Any]:
        # An earlier try's is not how this one ends.
        self.summary_path().unlink(missing_ok=True)
        failure: AirflowException | None = None
        try:
            super().execute(context)
        except AirflowException as thrown:
            failure = thrown
        summary = self.summary()
        if summary is None:
            raise failure or AirflowException(
                f"The driver left no summary in {self.summary_file!r}; its log says why."
            )
        self.log.info("batchinfer: %s", summary.get("message") or summary["status"])
        if summary["exit_code"] in ENDED:
            return summary
        if summary["exit_code"] == MISTAKE:
            raise AirflowFailException(summary["message"])
        raise failure or AirflowException(summary["message"])

    def summary(self) -> dict[str, Any] | None:
        """How the driver says that it ended; None where it could not say anything, as after a kill."""
        path = self.summary_path()
        return json.loads(path.read_text()) if path.exists() else None

    def summary_path(self) -> Any:
        if urlsplit(self.summary_file).scheme:
            # s3a is Hadoop's name for what everybody else calls s3.
            return ObjectStoragePath(self.summary_file.replace("s3a://", "s3://", 1))
        return Path(self.summary_file)


with DAG(
    dag_id="batchinfer",
    schedule="@daily",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # Two runs over one output would wait for each other.
    max_active_runs=1,
    tags=["batchinfer"],
) as dag:
    run = BatchInferOperator(
        task_id="run",
        application=JOB_JAR,
        run_options=["--input", INPUT, "--output", OUTPUT, "--run-id", "{{ run_id }}", *OPTIONS],
        summary_file=SUMMARY,
        # The driver runs here and does almost nothing but talk; rows never pass through it.
        deploy_mode="client",
        driver_memory="2g",
        # Airflow 3.3 and later can take up a submission that outlived its task. In YARN's cluster mode that needs
        # yarn_track_via_rm_api=True as well. It is not needed here: a new submission goes on with the same job.
        durable=False,
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
