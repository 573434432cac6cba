/**
 * AWS services that act under a name of their own, so that a policy can name them: NAME.amazonaws.com. Those of another
 * name are refused, as AWS refuses a service that does not exist.
 * Source: the services' guides; collected by the community in the list "AWS service principals". Not complete.
 */
const NAMES = `
access-analyzer account-management acm acm-pca airflow airflow-env amplify amplifybackend apigateway appconfig appfabric
appflow application-autoscaling appmesh apprunner appstream appsync aps athena auditmanager autoscaling
autoscaling-plans backup backup-gateway batch batchoperations.s3 bedrock billing braket budgets cassandra ce
channels.lex chatbot cloud9 cloudformation cloudfront cloudhsm cloudsearch cloudtrail cloudwatch cloudwatch-crossaccount
cloudwatchlogs codebuild codecommit codedeploy codeguru-reviewer codepipeline codestar codestar-notifications cognito-idp
cognito-identity cognito-sync compute-optimizer config config-conforms config-multiaccountsetup connect continuousexport.discovery
controltower cur.aws datapipeline datasync datazone dax delivery.logs deepracer detective devicefarm devops-guru
directconnect discovery dlm dms docdb-elastic drs ds dynamodb dynamodb.application-autoscaling ec2 ec2.application-autoscaling
ec2fleet ec2scheduled ecr ecs ecs-tasks ecs.application-autoscaling edgelambda eks eks-fargate eks-fargate-pods eks-nodegroup
elasticache elasticbeanstalk elasticfilesystem elasticloadbalancing elasticmapreduce elastictranscoder email.cognito-idp
emr-containers emr-serverless entitlement.marketplace es events evidently finspace firehose fis fms forecast frauddetector
fsx gamelift globalaccelerator glue grafana greengrass groundstation guardduty health health-lake iam identitystore
imagebuilder importexport inspector inspector2 internetmonitor iot iotanalytics iotevents iotsitewise ivs kafka kafkaconnect
kendra kinesis kinesisanalytics kms lakeformation lambda lex lexv2 license-manager lightsail logdelivery.elasticloadbalancing
logs lookoutmetrics m2 machinelearning macie macie2 managedblockchain managedservices mediaconnect mediaconvert medialive
mediapackage mediastore mediatailor memorydb metering-marketplace mgn migrationhub monitoring monitoring.rds mq mwaa
neptune network-firewall notifications oam omics opensearchservice opsworks opsworks-cm organizations osis outposts
panorama personalize pinpoint pipes polly pricing-plan-manager private-networks proton qbusiness qldb quicksight ram rds
redshift redshift-data redshift-serverless rekognition replicator.lambda resiliencehub resource-explorer-2 resource-groups
robomaker rolesanywhere route53 route53-recovery-control-config route53domains route53resolver rum s3 s3-object-lambda
sagemaker scheduler schemas secretsmanager securityhub securitylake servicecatalog servicecatalog-appregistry
servicediscovery serverlessrepo servicequotas ses shield signer signin sms sms-voice snow-device-management sns sqs ssm
ssm-incidents ssmsap sso states storage-lens.s3 storagegateway streams.metrics.cloudwatch sts supportapp swf synthetics
tagpolicies.tag textract timestream timestream-influxdb transcribe transfer transitgateway translate trustedadvisor
verified-access verifiedpermissions voiceid vpc-flow-logs vpc-lattice waf waf-regional wafv2 wellarchitected wisdom
workdocs worklink workmail workspaces workspaces-web xray
`;

const SERVICES: ReadonlySet<string> = new Set(NAMES.trim().split(/\s+/));

const SERVICE_PRINCIPAL = /^([a-z0-9.-]+?)(?:\.[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?$/;

/** Also with a Region (`logs.us-east-1.amazonaws.com`), and in China. */
export const isServicePrincipal = (name: string): boolean => SERVICES.has(SERVICE_PRINCIPAL.exec(name)?.[1] ?? '');
