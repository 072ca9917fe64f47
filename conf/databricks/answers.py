# Databricks notebook source
# MAGIC %md
# MAGIC # Answers to a table, as a job
# MAGIC
# MAGIC The job `answers` of `databricks.yml` runs this notebook and gives it the names of the table, of the folder on an external location and of the table of answers. Change the prompt and the options; they have the names of the flags of `batchinfer run`.
# MAGIC
# MAGIC A try that is repeated goes on where the last one stopped and pays for nothing twice.

# COMMAND ----------

tickets = spark.table(dbutils.widgets.get("table"))
folder = dbutils.widgets.get("folder")
options = {
    "key": "id",
    "system": "You sort support tickets. Answer with one word: billing, login, bug or other.",
    "prompt": "{subject}\n\n{text}",
    "model": "gpt-4.1-mini",
    "provider": "openai",
    "api-key-env": "OPENAI_API_KEY",
    "concurrency": 200,
    "max-cost": 50,
    "run-id": dbutils.widgets.get("run_id"),
}

# COMMAND ----------

tickets.write.format("batchinfer").options(**options).save(folder)

# COMMAND ----------

answers = spark.read.format("batchinfer").load(folder)
answers.write.mode("overwrite").saveAsTable(dbutils.widgets.get("answers"))
