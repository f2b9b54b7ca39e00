using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Checkpoints;
using ClipDistributed.TestKit.ObjectStores;

namespace ClipDistributed.Data.Tests.Checkpoints;

public sealed class S3RefusalTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private S3Server server = null!;

    public async ValueTask InitializeAsync() => server = await S3Server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public void Check_NoSuchBucket_NamesIt()
    {
        string error = Assert.Single(
            Assert.Throws<BadInputException>(() => server.Checkpoints(bucket: "nowhere").Check(mustAnswer: false)).Errors
        );
        Assert.Contains("there is no bucket 'nowhere'", error);
    }

    [Fact]
    public void Check_WrongKey_SaysSoWithoutIt()
    {
        string error = Assert.Single(
            Assert.Throws<BadInputException>(() => server.Checkpoints(accessKey: "LETMEIN").Check(mustAnswer: false)).Errors
        );
        Assert.Contains("S3 refuses (InvalidAccessKeyId", error);
        Assert.DoesNotContain("LETMEIN", error);
    }

    [Fact]
    public async Task Check_ServerDown_CountsOnlyWhereItMustAnswer()
    {
        await server.StopAsync();
        server.Checkpoints().Check(mustAnswer: false);
        var silent = Assert.ThrowsAny<IOException>(() => server.Checkpoints().Check(mustAnswer: true));
        Assert.Equal($"s3://{server.Bucket}/runs/demo: S3 does not answer (connection refused)", silent.Message);
        await server.StartAgainAsync();
    }
}
