"""A stand-in for Airflow: what a DAG file imports, as far as batchinfer's own do, recording the tasks and running the
command of an operator on this machine: a SparkSubmitOperator's as the real one does, that of a job of Databricks in a JVM
that knows itself to be there, and that of a pod with Airflow's folder for what it returns.

    python3 recorded_airflow.py tasks DAG_FILE
        prints the tasks as JSON
    python3 recorded_airflow.py branch DAG_FILE TASK SUMMARY
        prints which task a branch decides for
    python3 recorded_airflow.py run DAG_FILE TASK NAME=VALUE...
        renders the task's templates with the values and executes it; prints what it returns as JSON. Ends with 0, with
        10 where Airflow would try again, with 11 where it would not and with 12 where it would skip the task.
        SPARK_SUBMIT is the command to submit with, further JVM and Spark arguments included, MASTER is the master that
        the connection names, JOB_JAR the jar of a job of Databricks and XCOM the folder in place of /airflow/xcom.
"""

import json
import logging
import os
import re
import runpy
import subprocess
import sys
import types
from pathlib import Path

TRY_AGAIN, FAILED_FOR_GOOD, SKIPPED = 10, 11, 12
NO_DEFAULT = object()
TASKS = {}


class AirflowException(Exception):
    """A failure of one try."""


class AirflowFailException(AirflowException):
    """A failure that no further try mends."""


class AirflowSkipException(AirflowException):
    """Neither a success nor a failure."""


class DAG:
    def __init__(self, dag_id, *, schedule, start_date, catchup, max_active_runs, tags):
        self.settings = {"dag_id": dag_id, "schedule": schedule, "catchup": catchup, "max_active_runs": max_active_runs}

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        return False


class Task:
    template_fields = ()
    log = logging.getLogger("task")

    def __init__(self, task_id, **settings):
        self.task_id = task_id
        self.settings = settings
        self.downstream = []
        self.output = f"output of {task_id}"
        TASKS[task_id] = self

    def __rshift__(self, others):
        self.downstream += [other.task_id for other in (others if isinstance(others, list) else [others])]
        return others

    def render(self, values):
        for field in self.template_fields:
            setattr(self, field, rendered(getattr(self, field, None), values))


class EmptyOperator(Task):
    def __init__(self, *, task_id, trigger_rule="all_success"):
        super().__init__(task_id, trigger_rule=trigger_rule)


class DatabricksRunNowOperator(Task):
    """Its arguments become one object, which is what it renders."""

    template_fields = ("json",)

    def __init__(
        self, *, task_id, job_id=None, job_name=None, job_parameters=None, jar_params=None, idempotency_token=None,
        databricks_conn_id="databricks_default", wait_for_termination=True, deferrable=False, repair_run=False,
        cancel_previous_runs=False, retries=0, retry_delay=None, retry_exponential_backoff=False,
        execution_timeout=None,
    ):  # fmt: skip
        super().__init__(task_id, retries=retries, idempotency_token=idempotency_token, deferrable=deferrable)
        self.json = {"job_name": job_name, "jar_params": jar_params}
        self.application_args = jar_params

    def execute(self, context):
        words = os.environ["SPARK_SUBMIT"].split("\n") + ["--master", os.environ["MASTER"]]
        words += ["--class", "io.batchinfer.cli.Main", os.environ["JOB_JAR"], *self.json["jar_params"]]
        inside = {**os.environ, "DATABRICKS_RUNTIME_VERSION": "17.3"}
        if subprocess.run(words, stdout=sys.stderr, env=inside, check=False).returncode:
            raise AirflowException("Job run failed with terminal state: FAILED")


class Secret:
    def __init__(self, deploy_type, deploy_target, secret, key):
        self.words = [deploy_type, deploy_target, secret, key]


class KubernetesPodOperator(Task):
    template_fields = ("image", "name", "cmds", "arguments", "env_vars", "namespace")

    def __init__(
        self, *, task_id, name, namespace, image, cmds, arguments, secrets=None, env_vars=None, do_xcom_push=False,
        skip_on_exit_code=None, termination_grace_period=None, service_account_name=None, container_resources=None,
        deferrable=False, retries=0, retry_delay=None, retry_exponential_backoff=False, execution_timeout=None,
    ):  # fmt: skip
        super().__init__(task_id, retries=retries, termination_grace_period=termination_grace_period, image=image)
        self.image, self.name, self.namespace, self.env_vars = image, name, namespace, env_vars
        self.cmds, self.arguments = cmds, arguments
        self.application_args = arguments[arguments.index("run"):]
        self.do_xcom_push, self.skip_on_exit_code = do_xcom_push, skip_on_exit_code or []

    def execute(self, context):
        xcom = Path(os.environ["XCOM"])
        words = os.environ["SPARK_SUBMIT"].split("\n") if self.cmds == ["/opt/spark/bin/spark-submit"] else self.cmds
        words = words + [word.replace("/airflow/xcom", str(xcom)) for word in self.arguments]
        code = subprocess.run(words, stdout=sys.stderr, check=False).returncode
        if code in self.skip_on_exit_code:
            raise AirflowSkipException(f"Pod returned exit code {code}. Skipping.")
        if code:
            raise AirflowException(f"Pod returned a failure: exit code {code}.")
        return json.loads((xcom / "return.json").read_text()) if self.do_xcom_push else None


class SparkSubmitOperator(Task):
    """Only the arguments that the real one has; a misspelt one fails here as it does there."""

    template_fields = ("application", "application_args", "conf", "env_vars", "files", "jars", "name", "packages")

    def __init__(
        self, *, task_id, application, java_class, application_args, deploy_mode=None, driver_memory=None,
        executor_memory=None, executor_cores=None, num_executors=None, conf=None, packages=None, jars=None, files=None,
        name="arrow-spark", conn_id="spark_default", env_vars=None, durable=True, retries=0, retry_delay=None,
        retry_exponential_backoff=False, execution_timeout=None,
    ):  # fmt: skip
        super().__init__(task_id, retries=retries, durable=durable, deploy_mode=deploy_mode)
        self.application, self.java_class, self.application_args = application, java_class, application_args
        self.deploy_mode, self.driver_memory, self.conf, self.name = deploy_mode, driver_memory, conf, name
        self.packages, self.jars, self.files, self.env_vars = packages, jars, files, env_vars

    def command(self):
        words = os.environ["SPARK_SUBMIT"].split("\n") + ["--master", os.environ["MASTER"]]
        for key, value in (self.conf or {}).items():
            words += ["--conf", f"{key}={value}"]
        if self.driver_memory:
            words += ["--driver-memory", self.driver_memory]
        words += ["--name", self.name, "--class", self.java_class, "--deploy-mode", self.deploy_mode]
        return words + [self.application, *self.application_args]

    def execute(self, context):
        code = subprocess.run(self.command(), stdout=sys.stderr, check=False).returncode
        if code:
            # The real one tells no more than this of how the program ended.
            raise AirflowException(f"Cannot execute: spark-submit. Error code is: {code}.")


class BranchDecorator:
    @staticmethod
    def branch(function):
        def made(argument):
            decided = Task(function.__name__, argument=argument)
            decided.function = function
            return decided

        return made


def rendered(value, values):
    if isinstance(value, str):
        return re.sub(r"{{ *(\w+) *}}", lambda found: values[found[1]], value)
    if isinstance(value, (list, tuple)):
        return [rendered(one, values) for one in value]
    if isinstance(value, dict):
        return {key: rendered(one, values) for key, one in value.items()}
    return value


def install():
    def module(name, **members):
        made = types.ModuleType(name)
        made.__dict__.update(members)
        made.__path__ = []
        sys.modules[name] = made

    for package in ("airflow", "airflow.providers", "airflow.providers.apache", "airflow.providers.apache.spark",
                    "airflow.providers.apache.spark.operators", "airflow.providers.standard",
                    "airflow.providers.standard.operators", "airflow.providers.databricks",
                    "airflow.providers.databricks.operators", "airflow.providers.cncf",
                    "airflow.providers.cncf.kubernetes", "airflow.providers.cncf.kubernetes.operators"):  # fmt: skip
        module(package)
    module("airflow.exceptions", AirflowException=AirflowException, AirflowFailException=AirflowFailException)
    module("airflow.providers.apache.spark.operators.spark_submit", SparkSubmitOperator=SparkSubmitOperator)
    module("airflow.providers.standard.operators.empty", EmptyOperator=EmptyOperator)
    module("airflow.providers.databricks.operators.databricks", DatabricksRunNowOperator=DatabricksRunNowOperator)
    module("airflow.providers.cncf.kubernetes.operators.pod", KubernetesPodOperator=KubernetesPodOperator)
    module("airflow.providers.cncf.kubernetes.secret", Secret=Secret)
    module("airflow.sdk", DAG=DAG, ObjectStoragePath=Path, task=BranchDecorator)


def main(mode, dag_file, *more):
    install()
    dag = runpy.run_path(dag_file)["dag"]
    if mode == "tasks":
        print(json.dumps({
            "dag": dag.settings,
            "tasks": {
                name: {"settings": {key: str(value) for key, value in task.settings.items()},
                       "downstream": task.downstream,
                       "arguments": getattr(task, "application_args", [])}
                for name, task in TASKS.items()
            },
        }))  # fmt: skip
        return 0
    if mode == "branch":
        print(TASKS[more[0]].function(json.loads(more[1])))
        return 0
    task = TASKS[more[0]]
    task.render(dict(pair.split("=", 1) for pair in more[1:]))
    try:
        print(json.dumps(task.execute({})))
        return 0
    except AirflowSkipException as skipped:
        print(skipped, file=sys.stderr)
        return SKIPPED
    except AirflowFailException as failure:
        print(failure, file=sys.stderr)
        return FAILED_FOR_GOOD
    except AirflowException as failure:
        print(failure, file=sys.stderr)
        return TRY_AGAIN


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
