using System.Globalization;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Processes;
using Google.Protobuf;

namespace ClipDistributed.WorkerHost.Tests.Answers;

/// <summary>Questions to models, answered by processes that a shell plays.</summary>
public sealed class ModelAnswersTests : WorkerFixture
{
    /// <summary>Answers each question with the id of its process and the question itself.</summary>
    private const string Answers = """
        while read -r question; do
          id=$(sed 's/.*"question":\([0-9]*\).*/\1/' <<< "$question")
          echo "{\"kind\":\"answered\",\"question\":$id,\"rankings\":[{\"caption\":\"$$\"}]}"
        done
        """;

    [Fact]
    public async Task Ask_AgainTheSameModel_IsAnsweredByTheSameProcess()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, Answers));
        var call = await coordinator.WelcomeAsync();
        int first = await ProcessAsync(call, "step-1", 1);
        Assert.Equal(first, await ProcessAsync(call, "step-1", 2));
        Assert.NotEqual(first, await ProcessAsync(call, "step-2", 3));
        StandInReplica.AssertEnds(first); // one model at a time
    }

    [Fact]
    public async Task Ask_ImageAndCaptions_ReachTheProcess()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        string seen = Path.GetTempFileName();
        Start(Options(coordinator, $"echo \"$request\" > {seen}; read -r question; echo \"$question\" >> {seen}; exit 1"));
        var call = await coordinator.WelcomeAsync();
        var image = new byte[200_000]; // more than a pipe holds
        Ask(call, new AskModel { Image = ByteString.CopyFrom(image), Captions = { "a", "b" }, AreLabels = true });
        await call.AnswerAsync();
        string[] lines = await File.ReadAllLinesAsync(seen);
        Assert.Equal(new AnswerRequest("step-1", "/runs/demo"), ReplicaRequest.Parse(lines[0]));
        var question = Assert.IsType<QuestionRequest>(ReplicaRequest.Parse(lines[1]));
        Assert.Equal((1L, true), (question.Question, question.AreLabels));
        Assert.Equal(image, question.Image);
        Assert.Equal(["a", "b"], question.Captions);
        File.Delete(seen);
    }

    [Theory]
    [InlineData("read -r question; echo 'no room' >&2; exit 7", "the process of the model ended with exit code 7: no room")]
    [InlineData("read -r question; kill -9 $$", "the process of the model ended with exit code 137")]
    [InlineData("sleep 600 < /dev/null", "the model has not answered for 1 s; its process was ended")]
    public async Task Ask_ProcessDiesOrHangs_SaysSo(string body, string failure)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, $"exec > /dev/null; {body}"));
        var call = await coordinator.WelcomeAsync();
        Ask(call, new AskModel { Seconds = 1 });
        var answer = await call.AnswerAsync();
        Assert.Equal((1L, failure), (answer.Question, answer.Failure));
    }

    [Fact]
    public async Task Ask_ModelThatCannotBeUsed_HasItsErrors()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, "echo '{\"kind\":\"refused\",\"errors\":[\"no tokenizer\",\"no weights\"]}'; exit 2"));
        var call = await coordinator.WelcomeAsync();
        Ask(call, new AskModel());
        var answer = await call.AnswerAsync();
        Assert.Equal("", answer.Failure);
        Assert.Equal(["no tokenizer", "no weights"], answer.Errors);
    }

    [Fact]
    public async Task Ask_WhileAnotherIsAnswered_IsRefused()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, StandInReplica.WaitsForItsInput));
        var call = await coordinator.WelcomeAsync();
        Ask(call, new AskModel());
        Ask(call, new AskModel { Question = 2 });
        var answer = await call.AnswerAsync();
        Assert.Equal((2L, "its host answers another question; ask again"), (answer.Question, answer.Failure));
    }

    [Fact]
    public async Task Launch_WhileAModelIsAsked_EndsItsProcess()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, StandInReplica.WaitsForItsInput));
        var call = await coordinator.WelcomeAsync();
        Ask(call, new AskModel());
        call.Launch("demo-1-a");
        var answer = await call.AnswerAsync();
        Assert.Equal((1L, "its host has begun to train; ask again"), (answer.Question, answer.Failure));
    }

    [Fact]
    public async Task Idle_AfterAWhile_EndsTheProcess()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, Answers) with { ModelIdle = TimeSpan.FromMilliseconds(50) });
        var call = await coordinator.WelcomeAsync();
        StandInReplica.AssertEnds(await ProcessAsync(call, "step-1", 1));
    }

    [Fact]
    public async Task Stop_WithALoadedModel_EndsItsProcess()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Start(Options(coordinator, Answers));
        int process = await ProcessAsync(await coordinator.WelcomeAsync(), "step-1", 1);
        await stop.CancelAsync();
        await running!.WaitAsync(HostCall.Patience);
        StandInReplica.AssertEnds(process);
    }

    private static void Ask(HostCall call, AskModel question)
    {
        question.Question = question.Question == 0 ? 1 : question.Question;
        question.Model = question.Model == "" ? "step-1" : question.Model;
        question.Seconds = question.Seconds == 0 ? 60 : question.Seconds;
        question.RunDirectory = "/runs/demo";
        call.Send(new ConnectResponse { AskModel = question });
    }

    /// <summary>That has answered.</summary>
    private static async Task<int> ProcessAsync(HostCall call, string model, long number)
    {
        Ask(call, new AskModel { Model = model, Question = number, Captions = { "a" } });
        var answer = await call.AnswerAsync();
        Assert.Equal((number, ""), (answer.Question, answer.Failure));
        return int.Parse(Assert.Single(answer.Rankings).Caption, CultureInfo.InvariantCulture);
    }
}
