/**
 * Descriptions of clusters.
 *
 * @module
 */

const packageSource = {
  package: "The package, with a version where one is wanted.",
  repo: "The repository to install from; the usual public one without it.",
};

const destination = { destination: "The path or address, with its scheme where it has one." };

const firstOnDemand = "Nodes, the driver first, that are never spot instances.";

const availability = "Spot or on-demand instances, beyond first_on_demand.";

const cluster = {
  apply_policy_default_values: "Fill omitted fields from the policy's defaults.",
  autoscale: "Bounds between which workers are added and removed; instead of num_workers.",
  autotermination_minutes: "Minutes of idleness until it ends; not for job clusters.",
  aws_attributes: "What is particular to AWS.",
  azure_attributes: "What is particular to Azure.",
  cluster_log_conf: "Where logs are copied every five minutes.",
  cluster_name: "A name for the cluster.",
  custom_tags: "Tags for the cluster's cloud resources.",
  data_security_mode: "Who may use the cluster and how data is guarded.",
  dependency_mode: "How libraries reach the cluster.",
  docker_image: "A container image to start nodes from.",
  driver_instance_pool_id: "The pool of the driver; instance_pool_id without it.",
  driver_node_type_flexibility: "Other node types for the driver.",
  driver_node_type_id: "The driver's node type; node_type_id without it.",
  enable_elastic_disk: "Add disk space when a node runs short of it.",
  enable_local_disk_encryption: "Encrypt the nodes' local disks.",
  gcp_attributes: "What is particular to Google Cloud.",
  init_scripts: "Scripts that each node runs at its start, in order.",
  instance_pool_id: "The pool that nodes are taken from.",
  is_single_node: "One node is driver and worker; used with kind.",
  kind: "Let Databricks derive settings that depend on each other.",
  node_type_id: "The workers' node type.",
  num_workers: "Workers beside the driver; 0 is a single-node cluster.",
  policy_id: "The cluster policy to obey.",
  remote_disk_throughput: "Throughput of remote disks, in MB/s (Google Cloud).",
  runtime_engine: "Photon or the standard engine; by spark_version without it.",
  single_user_name: "The one user, in a single-user mode.",
  spark_conf: "Spark settings.",
  spark_env_vars: "Environment variables of driver and workers.",
  spark_version: "The Databricks Runtime, such as 15.4.x-scala2.12.",
  ssh_public_keys: "Keys that may log in to nodes as ubuntu, port 2200.",
  total_initial_remote_disk_size: "Remote disk space at the start, in GB (Google Cloud).",
  use_ml_runtime: "Use the ML variant of the runtime; used with kind.",
  worker_node_type_flexibility: "Other node types for workers.",
  workload_type: "What the cluster may run.",
};

/** Clusters, and what runs on them. */
export const clusters = {
  "jobs.JobCluster": {
    job_cluster_key: "The name by which tasks refer to the cluster; unique in the job.",
    new_cluster: "The cluster.",
    serverless_compute: "Serverless compute to use instead of a cluster.",
    serverless_compute_id: "Serverless compute to use instead of a cluster.",
  },
  "compute.ClusterSpec": cluster,
  "compute.Cluster": {
    ...cluster,
    autotermination_minutes: "Minutes without use after which it terminates, 10 to 10,000; 0 for never. Required.",
    cluster_name: "The cluster's name; metadata.name without it. Names are not unique.",
    custom_tags: "Tags of its instances; they go to the cloud provider's bill. Up to 45.",
    lifecycle: "Whether the cluster runs; without it that is left alone.",
  },
  "compute.AutoScale": {
    max_workers: "Workers at most.",
    min_workers: "Workers at least.",
  },
  "compute.AwsAttributes": {
    availability,
    ebs_volume_count: "EBS volumes a node, up to 10.",
    ebs_volume_iops: "IOPS a gp3 volume.",
    ebs_volume_size: "Size of a volume, in GiB.",
    ebs_volume_throughput: "Throughput a gp3 volume, in MiB/s.",
    ebs_volume_type: "The type of volume.",
    first_on_demand: firstOnDemand,
    instance_profile_arn: "The instance profile that nodes assume.",
    spot_bid_price_percent: "Highest spot price, in percent of on-demand; 100 by default.",
    zone_id: "The availability zone, or auto.",
  },
  "compute.AzureAttributes": {
    availability,
    capacity_reservation_group: "The capacity reservation group to take nodes from.",
    first_on_demand: firstOnDemand,
    log_analytics_info: "A Log Analytics workspace for the nodes' logs.",
    spot_bid_max_price: "Highest spot price, in US dollars an hour; -1, the default, means on-demand's.",
  },
  "compute.LogAnalyticsInfo": {
    log_analytics_primary_key: "The workspace's primary key.",
    log_analytics_workspace_id: "The workspace's id.",
  },
  "compute.GcpAttributes": {
    availability,
    boot_disk_size: "Size of the boot disk, in GB.",
    confidential_compute_type: "Confidential computing.",
    first_on_demand: firstOnDemand,
    google_service_account: "The service account of the nodes.",
    local_ssd_count: "Local SSDs a node.",
    use_preemptible_executors: "Deprecated: use availability.",
    zone_id: "The zone, HA or AUTO.",
  },
  "compute.ClusterLogConf": {
    dbfs: "A DBFS folder.",
    s3: "An S3 folder.",
    volumes: "A folder of a volume.",
  },
  "compute.DbfsStorageInfo": destination,
  "compute.VolumesStorageInfo": destination,
  "compute.WorkspaceStorageInfo": destination,
  "compute.Adlsgen2Info": destination,
  "compute.LocalFileInfo": destination,
  "compute.GcsStorageInfo": destination,
  "compute.S3StorageInfo": {
    ...destination,
    canned_acl: "The ACL of written files, such as bucket-owner-full-control.",
    enable_encryption: "Encrypt files on the server's side.",
    encryption_type: "sse-s3 or sse-kms; sse-s3 by default.",
    endpoint: "The S3 endpoint; instead of region.",
    kms_key: "The KMS key, for sse-kms.",
    region: "The S3 region; instead of endpoint.",
  },
  "compute.InitScriptInfo": {
    abfss: "A script in Azure Data Lake Storage.",
    dbfs: "A script in DBFS; deprecated.",
    file: "A script on the node itself, in a container image.",
    gcs: "A script in Google Cloud Storage.",
    s3: "A script in S3.",
    volumes: "A script in a volume.",
    workspace: "A script in the workspace.",
  },
  "compute.DockerImage": {
    basic_auth: "The registry's login.",
    url: "The image's address.",
  },
  "compute.DockerBasicAuth": {
    password: "The password. Everyone who can read the manifest reads it.",
    username: "The user.",
  },
  "compute.NodeTypeFlexibility": {
    alternate_node_type_ids: "Node types to fall back to, in order.",
    aws_context_id: "A launch context of AWS.",
  },
  "compute.WorkloadType": { clients: "The kinds of workload." },
  "compute.ClientsTypes": {
    jobs: "Whether jobs may run.",
    notebooks: "Whether notebooks may run.",
  },
  "compute.Library": {
    cran: "A package of CRAN.",
    egg: "The path of a Python egg; no longer supported.",
    jar: "The path of a JAR file.",
    maven: "A Maven artifact.",
    pypi: "A package of PyPI.",
    requirements: "The path of a requirements.txt.",
    whl: "The path of a Python wheel.",
  },
  "compute.RCranLibrary": packageSource,
  "compute.PythonPyPiLibrary": packageSource,
  "compute.MavenLibrary": {
    coordinates: "group:artifact:version.",
    exclusions: "Dependencies to leave out: group:artifact.",
    repo: "The repository to install from; the usual public ones without it.",
  },
};
