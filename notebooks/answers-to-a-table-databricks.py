# Databricks notebook source
# MAGIC %md
# MAGIC # Answers to a table, on Databricks
# MAGIC
# MAGIC Six support tickets are sorted by a model: each gets a category, and whether it is urgent. The answers have to fit a schema, come back as a table, and are joined to the tickets.
# MAGIC
# MAGIC Everything here goes to a simulated endpoint, so it needs no key and costs nothing.
# MAGIC
# MAGIC **Not run on Databricks.** A test makes the same calls on Spark from Java. What we know of the place is from its documentation:
# MAGIC
# MAGIC - The cluster needs Spark 4 with Scala 2.13, which is Databricks Runtime 17 or newer, and the access mode *Dedicated*: a run needs a Spark context, which standard access mode and serverless compute do not offer.
# MAGIC - Install `batchinfer-job.jar` as a library of the cluster.
# MAGIC - For a real endpoint, replace `simulate` with `base-url` and `"api-key-env": "LLM_API_KEY"`, and let the cluster set the variable from a secret: `LLM_API_KEY={{secrets/SCOPE/KEY}}` under *Environment variables*. Do not put the key into an option.
# MAGIC - Jobs live in folders of an external location (`s3://`, `abfss://`, `gs://`); code on the JVM cannot use `/Volumes`. Put one of yours in place of `s3://BUCKET/batchinfer`.

# COMMAND ----------

tickets = spark.createDataFrame(
    [
        (1, "Charged twice", "My card shows two payments for March."),
        (2, "Cannot log in", "The page reloads and I am logged out again."),
        (3, "Invoice address", "Please put our new address on the invoice."),
        (4, "Export is slow", "The export has been running since this morning."),
        (5, "Hello?", None),
        (6, "Server error", "I see an error whenever I save. [[fault:http_503*1]]"),
    ],
    "id INT, subject STRING, text STRING",
)
display(tickets)

# COMMAND ----------

# MAGIC %md
# MAGIC ## What will be asked
# MAGIC
# MAGIC Options carry the names of the flags of `batchinfer run`. The last three are for this example: ticket 5 has no text and so gives no request, and the marker in ticket 6 makes the simulated endpoint fail the first attempt at it.

# COMMAND ----------

schema = """
{
  "type": "object",
  "properties": {
    "category": {"type": "string", "enum": ["billing", "login", "bug", "other"]},
    "urgent": {"type": "boolean"}
  },
  "required": ["category", "urgent"],
  "additionalProperties": false
}
"""
triage = {
    "key": "id",
    "system": "You sort support tickets.",
    "prompt": "{subject}\n\n{text}",
    "body": "named_struct('temperature', 0, 'max_tokens', 100)",
    "model": "gpt-4.1-mini",
    "answer-schema": schema,
    "simulate": True,
    "max-attempts": 1,
    "on-invalid": "record",
    "max-failure-rate": 0.5,
}

# COMMAND ----------

# MAGIC %md
# MAGIC ## The run
# MAGIC
# MAGIC The write *is* the run: it returns when every ticket has its answer or its error.

# COMMAND ----------

tickets.write.format("batchinfer").options(**triage).save("s3://BUCKET/batchinfer/tickets")

answers = spark.read.format("batchinfer").load("s3://BUCKET/batchinfer/tickets")
display(tickets.join(answers, "id").select("id", "subject", "parsed.category", "parsed.urgent").orderBy("id"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Errors and cost

# COMMAND ----------

answers.createOrReplaceTempView("answers")

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT id, error.code, error.message FROM answers WHERE status = 'failed' ORDER BY id

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT sum(attempts) AS requests, sum(usage.prompt_tokens) AS prompt_tokens,
# MAGIC   sum(usage.completion_tokens) AS completion_tokens, sum(cost) AS cost
# MAGIC FROM answers

# COMMAND ----------

# MAGIC %md
# MAGIC ## Nothing is paid twice
# MAGIC
# MAGIC The same write again finds the job complete and sends nothing. `retry-failed` sends the failed rows again, and only those: ticket 6 gets its answer, ticket 5 still has no text.

# COMMAND ----------

tickets.write.format("batchinfer").options(**triage).save("s3://BUCKET/batchinfer/tickets")

again = tickets.write.format("batchinfer").options(**triage)
again.option("retry-failed", True).option("max-attempts", 3).save("s3://BUCKET/batchinfer/tickets")
display(answers.select("id", "status", "answer", "attempts").orderBy("id"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Embeddings

# COMMAND ----------

embeddings = {
    "key": "id",
    "input-column": "concat_ws(' ', subject, text)",
    "endpoint": "/v1/embeddings",
    "model": "text-embedding-3-small",
    "simulate": True,
}
tickets.write.format("batchinfer").options(**embeddings).save("s3://BUCKET/batchinfer/ticket-vectors")

vectors = spark.read.format("batchinfer").load("s3://BUCKET/batchinfer/ticket-vectors")
display(vectors.select("id", "embedding").orderBy("id"))
