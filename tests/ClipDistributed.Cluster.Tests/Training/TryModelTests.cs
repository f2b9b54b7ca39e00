using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>The model of a real run is asked, and a real process answers.</summary>
[Collection(ClusterCollection.Name)]
public sealed class TryModelTests(ClusterData data)
{
    [Fact]
    public async Task Try_ModelOfARun_RanksWhatFits()
    {
        var spec = data.Spec();
        await using var cluster = await LiveCluster.StartAsync(1);
        var run = await cluster.RunAsync(spec, 1);
        Assert.Equal(RunState.Succeeded, run.State);
        using var channel = cluster.Open();
        var models = new ModelService.ModelServiceClient(channel);
        var probe = ProbeSet.Load(new RunDirectory(spec.RunDirectory).ProbeSet);

        var classes = await models.TryModelAsync(
            new TryModelRequest { RunId = run.RunId, Image = ByteString.CopyFrom(probe.ImagesPng[0]) });
        Assert.Equal(("a", 24L), (classes.Host, classes.Step));
        var ranking = Assert.Single(classes.Rankings);
        Assert.Equal(ranking.Answers.OrderByDescending(answer => answer.Probability), ranking.Answers);
        Assert.Contains(ranking.Answers[0].Text, await File.ReadAllLinesAsync(spec.Evaluate.Zeroshot.Classes));

        var captions = await models.TryModelAsync(
            new TryModelRequest { RunId = run.RunId, Step = 20, Captions = { probe.Captions[0], "a red circle" } });
        Assert.Equal(20, captions.Step);
        Assert.Equal([probe.Captions[0], "a red circle"], captions.Rankings.Select(one => one.Caption));
        Assert.All(captions.Rankings, one => Assert.All(one.Answers, answer =>
            Assert.Equal(answer.Text, probe.Images.ElementAt(answer.Image).Text)));

        var none = new TryModelRequest { RunId = run.RunId, Image = ByteString.CopyFromUtf8("no image"), Captions = { "a" } };
        var wrong = await Assert.ThrowsAsync<RpcException>(() => models.TryModelAsync(none).ResponseAsync);
        Assert.Equal(StatusCode.InvalidArgument, wrong.StatusCode);
        Assert.StartsWith("image cannot be used: ", wrong.Status.Detail, StringComparison.Ordinal);
    }
}
