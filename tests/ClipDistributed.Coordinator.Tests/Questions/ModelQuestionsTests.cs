using System.Net;
using System.Net.Http.Json;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Questions;

/// <summary>Questions to the model of a run, which a free host answers.</summary>
public sealed class ModelQuestionsTests : IAsyncLifetime
{
    private const string Busy = "1 host is free to answer, and busy";

    private TestCoordinator coordinator = null!;
    private string runId = "", model = "";

    public async ValueTask InitializeAsync()
    {
        coordinator = await TestCoordinator.StartAsync(options => options with
        {
            Http = "127.0.0.1:0",
            Limits = new CoordinatorLimits
            {
                QuestionImageBytes = 1000, QuestionTime = TimeSpan.FromSeconds(1), QuestionMargin = TimeSpan.FromMinutes(1),
            },
        });
        runId = await coordinator.SubmitAsync(coordinator.Spec());
        StoredCheckpoints.Save(coordinator.Spec().RunDirectory, 1, 2);
        model = StoredCheckpoints.Save(coordinator.Spec().RunDirectory, 1, 4);
    }

    public ValueTask DisposeAsync() => coordinator.DisposeAsync();

    [Fact]
    public async Task Ask_HostWithAFreeDevice_IsAnsweredByIt()
    {
        var host = await coordinator.HostAsync("a", cpus: 2);
        await host.LaunchAsync(); // the run has one of them
        var asking = AskAsync(new TryModelRequest { Image = ByteString.CopyFrom(1, 2, 3), Captions = { "a", "b" }, AreLabels = true });
        var question = await host.QuestionAsync();
        Assert.Equal((model, coordinator.Spec().RunDirectory, 1u), (question.Model, question.RunDirectory, question.Seconds));
        Assert.Equal((ByteString.CopyFrom(1, 2, 3), true), (question.Image, question.AreLabels));
        Assert.Equal(["a", "b"], question.Captions);
        var ranking = new Ranking { Answers = { new RankedAnswer { Text = "b", Probability = 0.9, Cosine = 0.4 } } };
        await host.AnswerAsync(new ModelAnswer { Question = question.Question + 1, Failure = "of another question" });
        await host.AnswerAsync(new ModelAnswer { Question = question.Question, Rankings = { ranking } });
        var answer = await asking;
        Assert.Equal(("a", 1, 4L), (answer.Host, answer.Attempt, answer.Step));
        Assert.Equal(ranking, Assert.Single(answer.Rankings));
    }

    [Fact]
    public async Task Ask_ViewerOverHttp_ChoosesTheCheckpoint()
    {
        var host = await coordinator.HostAsync("a", cpus: 2);
        using var client = coordinator.Http(await coordinator.TokenAsync(Role.Viewer));
        var asking = client.PostAsJsonAsync($"/v1/runs/{runId}:try", new { captions = new[] { "a" }, step = 2 });
        var question = await host.QuestionAsync();
        Assert.EndsWith("step-00000002", question.Model, StringComparison.Ordinal);
        await host.AnswerAsync(new ModelAnswer { Question = question.Question, Rankings = { new Ranking { Caption = "a" } } });
        using var response = await asking;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"caption\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_NoFreeHost_SaysSo()
    {
        Assert.Equal((StatusCode.FailedPrecondition, "no worker host is connected"), await RefusalAsync("no worker host is connected"));
        var host = await coordinator.HostAsync("a", cpus: 1);
        await host.LaunchAsync();
        const string Held = "no worker host is free to answer: of 1 device 1 train";
        Assert.Equal((StatusCode.FailedPrecondition, Held), await RefusalAsync(Held));
    }

    [Fact]
    public async Task Ask_HostIsAnswering_IsRefusedUntilItHas()
    {
        var host = await coordinator.HostAsync("a", cpus: 2);
        var first = AskAsync();
        var question = await host.QuestionAsync();
        Assert.Equal((StatusCode.ResourceExhausted, Busy), await RefusalAsync(Busy));
        await host.AnswerAsync(new ModelAnswer { Question = question.Question, Errors = { "the image is none" } });
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => first)).StatusCode);
        var second = AskAsync();
        question = await host.QuestionAsync();
        await host.AnswerAsync(new ModelAnswer { Question = question.Question, Failure = "the model is too large" });
        var failed = await Assert.ThrowsAsync<RpcException>(() => second);
        Assert.Equal((StatusCode.Aborted, "host a has no answer: the model is too large"), (failed.StatusCode, failed.Status.Detail));
    }

    [Fact]
    public async Task Ask_CallerLeaves_TheHostStaysBusyUntilItHasAnswered()
    {
        var host = await coordinator.HostAsync("a", cpus: 2);
        using var leaves = new CancellationTokenSource();
        var first = AskAsync(cancel: leaves.Token);
        var question = await host.QuestionAsync();
        await leaves.CancelAsync();
        await Assert.ThrowsAsync<RpcException>(() => first);
        Assert.Equal((StatusCode.ResourceExhausted, Busy), await RefusalAsync(Busy));
        await host.AnswerAsync(new ModelAnswer { Question = question.Question });
        while (true)
        {
            var next = AskAsync();
            if (await Task.WhenAny(next, host.QuestionAsync()) != next)
                break;
            await Assert.ThrowsAsync<RpcException>(() => next); // the answer is on its way
        }
    }

    [Fact]
    public async Task Ask_HostIsLost_SaysSo()
    {
        var host = await coordinator.HostAsync("a", cpus: 2);
        var asking = AskAsync();
        await host.QuestionAsync();
        await host.DisposeAsync();
        var lost = await Assert.ThrowsAsync<RpcException>(() => asking);
        Assert.Equal((StatusCode.Aborted, "host a was lost while it answered; ask again"), (lost.StatusCode, lost.Status.Detail));
    }

    [Fact]
    public async Task Ask_HostSendsTooMuch_IsDisconnected()
    {
        var host = await coordinator.HostAsync("a", cpus: 2);
        var asking = AskAsync();
        var question = await host.QuestionAsync();
        await host.AnswerAsync(new ModelAnswer
        {
            Question = question.Question, Rankings = { Enumerable.Range(0, 101).Select(_ => new Ranking()) },
        });
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(host.CallAsync)).StatusCode);
        Assert.Equal(StatusCode.Aborted, (await Assert.ThrowsAsync<RpcException>(() => asking)).StatusCode);
    }

    [Fact]
    public async Task Ask_WhatCannotBeUsed_IsSaidTogether()
    {
        await coordinator.HostAsync("a", cpus: 2);
        var refused = await Assert.ThrowsAsync<RpcException>(() => AskAsync(new TryModelRequest
        {
            Step = -1,
            Attempt = -1,
            Image = ByteString.CopyFrom(new byte[1001]),
            Captions = { Enumerable.Repeat("x", 98), " ", new string('x', 1001), "y" },
        }));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Equal(
            ["step", "attempt", "image", "captions", "captions[98]", "captions[99]"],
            refused.Status.Detail.Split('\n').Select(line => line.Split(' ')[0]));
        var empty = await Assert.ThrowsAsync<RpcException>(() => AskAsync(new TryModelRequest()));
        Assert.Equal("image and captions are empty; give an image, or captions, or both.", empty.Status.Detail);
    }

    [Fact]
    public async Task Ask_NoSuchCheckpoint_IsNotFound()
    {
        await coordinator.HostAsync("a", cpus: 2);
        var none = await Assert.ThrowsAsync<RpcException>(() => AskAsync(new TryModelRequest { Step = 3, Captions = { "a" } }));
        Assert.Equal(StatusCode.NotFound, none.StatusCode);
        string empty = await coordinator.SubmitAsync(coordinator.Spec("other"));
        none = await Assert.ThrowsAsync<RpcException>(() => AskAsync(new TryModelRequest { RunId = empty, Captions = { "a" } }));
        Assert.StartsWith($"run {empty} has no checkpoint yet", none.Status.Detail, StringComparison.Ordinal);
    }

    private async Task<TryModelResponse> AskAsync(TryModelRequest? request = null, CancellationToken cancel = default)
    {
        request ??= new TryModelRequest { Captions = { "a" } };
        if (request.RunId == "")
            request.RunId = runId;
        return await new ModelService.ModelServiceClient(coordinator.Channel).TryModelAsync(request, cancellationToken: cancel);
    }

    /// <returns>Its status and the beginning of its text, where that is as expected; else the whole.</returns>
    private async Task<(StatusCode Status, string Text)> RefusalAsync(string expected)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => AskAsync());
        string text = refused.Status.Detail;
        return (refused.StatusCode, text.StartsWith(expected, StringComparison.Ordinal) ? expected : text);
    }
}
