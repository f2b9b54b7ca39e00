using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.ObjectStores;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Whole runs of real processes that keep their checkpoints in S3.</summary>
public sealed class TrainToS3Tests(DemoData demo) : IClassFixture<DemoData>, IAsyncLifetime
{
    private S3Server server = null!;

    private string Location => $"s3://{server.Bucket}/runs/demo";

    public async ValueTask InitializeAsync() => server = await S3Server.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Train_S3DownForAWhile_GoesOnAndLosesNothing()
    {
        using (var clipd = Start("unreachable", "--json"))
        {
            clipd.WaitForRecord("checkpoint_sent");
            await server.StopAsync();
            clipd.WaitForRecord("notice", holds: "s3://");
            await server.StartAgainAsync();
            Assert.Equal(0, clipd.Finish().ExitCode);
        }

        var steps = File.ReadLines(demo.Path("unreachable", "metrics.jsonl"))
            .Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>();
        Assert.Equal(Enumerable.Range(1, DemoData.Steps).Select(step => (long)step), steps.Select(step => step.Step));
        var kept = server.Checkpoints().List();
        Assert.Equal(DemoData.Steps, kept[0].Step); // how many came before it depends on how fast the disk was

        // The run directory's own are lost: the newest is fetched, and the run found to be complete.
        string weights = demo.Path("unreachable", "checkpoints", "attempt-01", "step-00000024", "open_clip_model.safetensors");
        byte[] trained = await File.ReadAllBytesAsync(weights);
        Directory.Delete(demo.Path("unreachable", "checkpoints"), recursive: true);
        using (var again = Start("unreachable", "--resume"))
            Assert.Equal(0, again.Finish().ExitCode);
        Assert.Equal(trained, await File.ReadAllBytesAsync(weights));

        using var list = Clipd.StartThrough(Environment(), demo.Folder, "checkpoint", "list", "unreachable");
        string[] rows = list.Finish().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.Equal(kept.Count + 1, rows.Length); // the newest is here too
        Assert.All(rows, row => Assert.EndsWith("verified", row, StringComparison.Ordinal));
        Assert.Equal(kept.Count, rows.Count(row => row.Contains(Location, StringComparison.Ordinal)));
    }

    [Fact]
    public void Train_PlaceThatCannotBeUsed_IsOneClearLine()
    {
        AssertRefused("there is no bucket 'nowhere'", Environment(), "s3://nowhere/runs");
        AssertRefused(
            "no AWS credentials are found; set AWS_ACCESS_KEY_ID",
            [
                "env",
                "-u",
                "AWS_ACCESS_KEY_ID",
                "-u",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_EC2_METADATA_DISABLED=true",
                $"HOME={demo.Folder}",
                $"AWS_ENDPOINT_URL={server.Endpoint}",
            ],
            Location
        );
        AssertRefused("S3 refuses (InvalidAccessKeyId", [.. Environment(), "AWS_ACCESS_KEY_ID=WRONG"], Location);
        AssertRefused("checkpoint.location is 's3://No_Bucket/x'; use s3://bucket/prefix", Environment(), "s3://No_Bucket/x");
        AssertRefused(
            "no AWS region is known; set AWS_REGION",
            ["env", "-u", "AWS_REGION", "-u", "AWS_ENDPOINT_URL", "AWS_EC2_METADATA_DISABLED=true", $"HOME={demo.Folder}"],
            Location
        );

        void AssertRefused(string error, string[] environment, string location)
        {
            using var clipd = Clipd.StartThrough(
                environment,
                demo.Folder,
                "train",
                "spec.yaml",
                "--set",
                "run_directory=refused",
                "--set",
                $"checkpoint.location={location}"
            );
            var result = clipd.Finish();
            Assert.Contains(error, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
            Assert.Equal(2, result.ExitCode);
        }
    }

    private Clipd Start(string run, params string[] more) =>
        Clipd.StartThrough(
            Environment(),
            demo.Folder,
            ["train", "spec.yaml", "--threads", "1", "--set", $"run_directory={run}", "--set", $"checkpoint.location={Location}", .. more]
        );

    private string[] Environment() =>
        [
            "env",
            $"AWS_ENDPOINT_URL={server.Endpoint}",
            $"AWS_ACCESS_KEY_ID={S3Server.AccessKey}",
            $"AWS_SECRET_ACCESS_KEY={S3Server.SecretKey}",
        ];
}
