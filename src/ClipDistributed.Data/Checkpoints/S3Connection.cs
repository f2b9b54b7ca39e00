using Amazon.Runtime;
using Amazon.S3;

namespace ClipDistributed.Data.Checkpoints;

/// <summary>
/// How S3 is reached: credentials and region as every AWS tool finds them, another server by AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL.
/// </summary>
public static class S3Connection
{
    private const string AnyRegion = "us-east-1"; // other servers have none, and signatures need one

    /// <exception cref="BucketRefusedException">There is no region, or the endpoint is no URL.</exception>
    public static IAmazonS3 FromEnvironment()
    {
        string? endpoint = Variable("AWS_ENDPOINT_URL_S3") ?? Variable("AWS_ENDPOINT_URL");
        if (endpoint is not null && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            throw new BucketRefusedException(
                "AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL) is not a URL; write it as in https://minio.example:9000");
        try
        {
            return new AmazonS3Client(Config(endpoint));
        }
        catch (AmazonClientException unusable)
        {
            throw new BucketRefusedException("no AWS region is known; set AWS_REGION, or AWS_ENDPOINT_URL_S3 for another server", unusable);
        }
    }

    /// <param name="endpoint">Of another S3 server; null: AWS.</param>
    public static AmazonS3Config Config(string? endpoint)
    {
        var config = new AmazonS3Config
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            Timeout = Timeout.InfiniteTimeSpan, // a part may take as long as its bytes move, which the bucket watches
            // Servers other than AWS's know neither the newer checksums nor chunked signatures. Every request's content is
            // signed, which servers verify, and what is read is hashed here.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (endpoint is null)
            return config;
        config.ServiceURL = endpoint;
        config.ForcePathStyle = true; // bucket.host resolves for AWS alone
        config.AuthenticationRegion = Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") ?? AnyRegion;
        return config;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
