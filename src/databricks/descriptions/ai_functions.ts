/**
 * Descriptions of tasks with AI functions: a part of `descriptions.ts`.
 *
 * @module
 */

const aiFunction = {
  enable_confidence_scores: "Also return the function's confidence in each result.",
  instructions: "Further instructions to the function, as text.",
  version: "The function's version.",
};

/** Descriptions by type and field. */
export const aiFunctionTasks = {
  "jobs.AiFunctionTask": {
    ai_classify: "Put each input into one of several classes.",
    ai_extract: "Extract fields from each input.",
    ai_parse_document: "Parse documents.",
    delta_table: "Take the inputs from a table.",
    output: "The table that takes the results.",
    volume: "Take the inputs from files of a volume.",
  },
  "jobs.AiClassifyFunction": {
    ...aiFunction,
    enable_rationales: "Also return the reason for each class.",
    inline_labels: "The classes.",
    multilabel: "Whether an input may be of several classes.",
  },
  "jobs.AiClassifyFunctionInlineLabels": { labels: "The classes." },
  "jobs.AiClassifyFunctionLabel": { description: "The description of the class.", name: "The class's name." },
  "jobs.AiExtractFunction": {
    ...aiFunction,
    enable_citations: "Also return the position of each field in the input.",
    mode: "Prefer precision or speed.",
    schema: "The fields to extract, as a JSON schema.",
  },
  "jobs.AiParseDocumentFunction": {
    description_element_types: "The elements that get a description as text.",
    image_output_path: "The folder that takes images of the pages.",
    page_range: "The pages to parse.",
    version: "The function's version.",
  },
  "jobs.DeltaTableSource": {
    input_column: "The column that holds the inputs.",
    merge_key_columns: "The columns that identify a row.",
    table_name: "The table's full name.",
  },
  "jobs.QualifiedName": { catalog: "The catalog.", schema: "The schema.", table: "The table's name." },
  "jobs.VolumeSource": { volume_path: "The folder in the volume." },
  "jobs.JobClusterServerlessCompute": { policy_id: "The usage policy of the serverless compute." },
};
