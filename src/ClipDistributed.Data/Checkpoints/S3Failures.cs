using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using S3Location = ClipDistributed.Contracts.Files.S3Location;

namespace ClipDistributed.Data.Checkpoints;

/// <summary>What the failures of calls to S3 mean.</summary>
internal static class S3Failures
{
    // What a wrong bucket, wrong credentials, missing rights or a wrong region are answered with.
    private static readonly string[] Refusals =
    [
        "NoSuchBucket", "AccessDenied", "AllAccessDisabled", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken",
        "AuthorizationHeaderMalformed", "PermanentRedirect", "InvalidBucketName", "RequestTimeTooSkewed", "Forbidden",
    ];

    /// <summary>S3 has no such object, or no longer the upload or one of its parts.</summary>
    public static bool IsAbsent(IOException failed) =>
        failed is not BucketRefusedException
        && failed.InnerException
            is AmazonS3Exception { StatusCode: HttpStatusCode.NotFound }
                or AmazonS3Exception { ErrorCode: "InvalidPart" };

    /// <summary>What S3 did, in words.</summary>
    public static IOException Translate(S3Location location, Exception failed)
    {
        string name = location.ToString();
        switch (failed)
        {
            case AmazonS3Exception { ErrorCode: "NoSuchBucket" }:
                return new BucketRefusedException(
                    $"{name}: there is no bucket '{location.Bucket}'; create it, or correct the name",
                    failed
                );
            case AmazonS3Exception { ErrorCode: { } code } refused when Refusals.Contains(code):
                return new BucketRefusedException(
                    $"{name}: S3 refuses ({code}: {refused.Message.TrimEnd('.')}); check the credentials, "
                        + $"their rights (list, get, put, delete) and AWS_REGION",
                    failed
                );
            case AmazonServiceException { ErrorCode: not (null or "") } answered:
                return new IOException($"{name}: S3 answers {(int)answered.StatusCode} {answered.ErrorCode}", failed);
            case AmazonClientException when failed.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase):
                return new BucketRefusedException(
                    $"{name}: no AWS credentials are found; set AWS_ACCESS_KEY_ID and "
                        + $"AWS_SECRET_ACCESS_KEY, name a profile in AWS_PROFILE, or give the machine a role",
                    failed
                );
        }
        for (var cause = failed; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
                return new IOException(
                    $"{name}: S3 does not answer ({char.ToLowerInvariant(socket.Message[0])}{socket.Message[1..]})",
                    failed
                );
        }
        return new IOException($"{name}: the connection to S3 was lost ({failed.Message})", failed);
    }
}
