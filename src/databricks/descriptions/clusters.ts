/**
 * Descriptions of clusters.
 *
 * @module
 */

const packageSource = {
  package: "The package, with an optional version.",
  repo: "The repository to install from; defaults to the public one.",
};

const destination = { destination: "The path or address, with its scheme if it has one." };

const firstOnDemand = "Nodes, the driver first, that are never spot instances.";

const availability = "Spot or on-demand instances, beyond first_on_demand.";

const cluster = {
  apply_policy_default_values: "Fill omitted fields from the policy's defaults.",
  autoscale: "The minimum and maximum number of workers; instead of num_workers.",
  autotermination_minutes: "Idle minutes before it terminates; not for job clusters.",
  aws_attributes: "Settings for AWS.",
  azure_attributes: "Settings for Azure.",
  cluster_log_conf: "The destination that logs are copied to every five minutes.",
  cluster_name: "A name for the cluster.",
  custom_tags: "Tags for the cluster's cloud resources.",
  data_security_mode: "The access mode: who may use the cluster, and how data is isolated.",
  dependency_mode: "How libraries are installed on the cluster.",
  docker_image: "A container image to start nodes from.",
  driver_instance_pool_id: "The pool of the driver; defaults to instance_pool_id.",
  driver_node_type_flexibility: "Other node types for the driver.",
  driver_node_type_id: "The driver's node type; defaults to node_type_id.",
  enable_elastic_disk: "Add disk space when a node runs short of it.",
  enable_local_disk_encryption: "Encrypt the nodes' local disks.",
  gcp_attributes: "Settings for Google Cloud.",
  init_scripts: "Scripts that each node runs when it starts, in order.",
  instance_pool_id: "The pool that nodes are taken from.",
  is_single_node: "Use one node as driver and worker; used with kind.",
  kind: "Let Databricks derive settings that depend on each other.",
  node_type_id: "The workers' node type.",
  num_workers: "Workers beside the driver; 0 is a single-node cluster.",
  policy_id: "The cluster policy that the cluster must follow.",
  remote_disk_throughput: "Throughput of remote disks, in MB/s (Google Cloud).",
  runtime_engine: "Photon or the standard engine; by default spark_version decides.",
  single_user_name: "The only user, in a single-user mode.",
  spark_conf: "Spark settings.",
  spark_env_vars: "Environment variables of driver and workers.",
  spark_version: "The Databricks Runtime, such as 15.4.x-scala2.12.",
  ssh_public_keys: "Keys that may log in to nodes as ubuntu, port 2200.",
  total_initial_remote_disk_size: "Remote disk space at the start, in GB (Google Cloud).",
  use_ml_runtime: "Use the ML variant of the runtime; used with kind.",
  worker_node_type_flexibility: "Other node types for workers.",
  workload_type: "The types of workload that the cluster may run.",
};

/** Clusters, and what runs on them. */
export const clusters = {
  "jobs.JobCluster": {
    job_cluster_key: "The name that tasks use to refer to the cluster; unique in the job.",
    new_cluster: "The cluster.",
    serverless_compute: "Serverless compute to use instead of a cluster.",
    serverless_compute_id: "Serverless compute to use instead of a cluster.",
  },
  "compute.ClusterSpec": cluster,
  "compute.Cluster": {
    ...cluster,
    autotermination_minutes: "Idle minutes before it terminates, 10 to 10,000; 0 for never. Required.",
    cluster_name: "The cluster's name; defaults to metadata.name. Names are not unique.",
    custom_tags: "Tags of its instances, shown on the cloud provider's bill. Up to 45.",
    lifecycle: "Whether the cluster runs. If absent, this is left alone.",
  },
  "compute.AutoScale": {
    max_workers: "The maximum number of workers.",
    min_workers: "The minimum number of workers.",
  },
  "compute.AwsAttributes": {
    availability,
    ebs_volume_count: "EBS volumes per node, up to 10.",
    ebs_volume_iops: "IOPS per gp3 volume.",
    ebs_volume_size: "Size of a volume, in GiB.",
    ebs_volume_throughput: "Throughput per gp3 volume, in MiB/s.",
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
    spot_bid_max_price: "Highest spot price, in US dollars per hour; -1, the default, means the on-demand price.",
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
    local_ssd_count: "Local SSDs per node.",
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
    enable_encryption: "Encrypt files on the server.",
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
    basic_auth: "The login to the registry.",
    url: "The image's address.",
  },
  "compute.DockerBasicAuth": {
    password: "The password. Everyone who can read the manifest can see it.",
    username: "The user.",
  },
  "compute.NodeTypeFlexibility": {
    alternate_node_type_ids: "Node types to fall back to, in order.",
    aws_context_id: "An AWS launch context.",
  },
  "compute.WorkloadType": { clients: "The kinds of workload." },
  "compute.ClientsTypes": {
    jobs: "Whether jobs may run.",
    notebooks: "Whether notebooks may run.",
  },
  "compute.Library": {
    cran: "A CRAN package.",
    egg: "The path of a Python egg; no longer supported.",
    jar: "The path of a JAR file.",
    maven: "A Maven artifact.",
    pypi: "A PyPI package.",
    requirements: "The path of a requirements.txt.",
    whl: "The path of a Python wheel.",
  },
  "compute.RCranLibrary": packageSource,
  "compute.PythonPyPiLibrary": packageSource,
  "compute.MavenLibrary": {
    coordinates: "group:artifact:version.",
    exclusions: "Dependencies to leave out: group:artifact.",
    repo: "The repositories to install from; default to the public ones.",
  },
};
