using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Tests.Files;

public sealed class S3LocationTests
{
    [Theory]
    [InlineData("s3://my.bucket-1/runs/demo", "my.bucket-1", "runs/demo/")]
    [InlineData("s3://my.bucket-1/runs/demo/", "my.bucket-1", "runs/demo/")]
    [InlineData("s3://bucket", "bucket", "")]
    [InlineData("s3://bucket/", "bucket", "")]
    public void TryParse_PlaceInS3_HasBucketAndPrefix(string url, string bucket, string prefix)
    {
        var location = S3Location.TryParse(url)!;
        Assert.Equal((bucket, prefix), (location.Bucket, location.Prefix));
        Assert.Equal(url.TrimEnd('/'), location.ToString());
        Assert.Equal($"s3://{bucket}/{prefix}x", location.Url(prefix + "x"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("s3://")]
    [InlineData("s3:///prefix")]
    [InlineData("s3://ab/x")]
    [InlineData("s3://Bucket/x")]
    [InlineData("s3://bucket//x")]
    [InlineData("s3://bucket/a b")]
    [InlineData("s3://bucket/x?version=1")]
    [InlineData("http://bucket/x")]
    [InlineData("/bucket/x")]
    public void TryParse_SomethingElse_IsNull(string url) => Assert.Null(S3Location.TryParse(url));

    [Fact]
    public void Masked_PasswordInFrontOfTheBucket_IsLeftOut()
    {
        Assert.Equal("…@bucket/x", S3Location.Masked("s3://key:secret@bucket/x"));
        Assert.Equal("s3://Bucket/x", S3Location.Masked("s3://Bucket/x"));
    }
}
