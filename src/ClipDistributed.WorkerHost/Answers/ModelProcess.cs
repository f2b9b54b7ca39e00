using System.Collections.Concurrent;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.WorkerHost.Options;
using ClipDistributed.WorkerHost.Places;
using ClipDistributed.WorkerHost.Replicas;

namespace ClipDistributed.WorkerHost.Answers;

/// <summary>A process that has the model of one checkpoint loaded, on the processors.</summary>
internal sealed class ModelProcess
{
    private const int MaxReason = 500; // characters

    private readonly ConcurrentDictionary<long, TaskCompletionSource<QuestionAnswered>> asked = [];
    private HostedReplica process = null!;
    private volatile string? killedBecause;

    private ModelProcess(string model) => Model = model;

    /// <param name="onLine">Receives what its libraries print, on any thread.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static ModelProcess Start(
        AskModel question, WorkerOptions options, ReplicaPlace place, Action<string> onLine, TimeProvider time)
    {
        string name = $"model of {question.Model}";
        var start = ReplicaProgram.Start(options.ReplicaProgram, place.Device, place.Threads, options.LibTorch, null, name);
        var started = new ModelProcess(question.Model);
        started.process = HostedReplica.Start(
            place, start, new AnswerRequest(question.Model, question.RunDirectory), onLine, started.OnAnswered);
        started.Ended = started.EndAsync(time);
        return started;
    }

    /// <summary>The checkpoint's folder.</summary>
    public string Model { get; }

    public int ProcessId => process.ProcessId;

    /// <summary>As the answer to whatever is still asked of it.</summary>
    public Task<ModelAnswer> Ended { get; private set; } = null!;

    public async Task<ModelAnswer> AskAsync(AskModel question)
    {
        var answered = new TaskCompletionSource<QuestionAnswered>(TaskCreationOptions.RunContinuationsAsynchronously);
        asked[question.Question] = answered;
        var request = new QuestionRequest(
            question.Question, question.Image.IsEmpty ? null : question.Image.ToByteArray(), question.Captions, question.AreLabels);
        _ = Task.Run(() => process.Send(request)); // an image fills the pipe until the process reads it
        if (await Task.WhenAny(answered.Task, Ended) == Ended)
            return await Ended;
        asked.TryRemove(question.Question, out _);
        var answer = await answered.Task;
        return new ModelAnswer { Rankings = { answer.Rankings }, Errors = { answer.Errors } };
    }

    /// <summary>Nothing happens where it has ended.</summary>
    public void Kill(string reason)
    {
        killedBecause ??= reason;
        process.Kill();
    }

    private void OnAnswered(QuestionAnswered answer)
    {
        if (asked.TryGetValue(answer.Question, out var waiting))
            waiting.TrySetResult(answer);
    }

    private async Task<ModelAnswer> EndAsync(TimeProvider time)
    {
        var (exitCode, text, _) = await process.RunAsync(time);
        if (killedBecause is { } reason)
            return new ModelAnswer { Failure = reason };
        if (exitCode == ExitCodes.BadInput && text != "")
            return new ModelAnswer { Errors = { text.Split('\n') } };
        string why = text == "" ? "" : $": {text.ReplaceLineEndings(" ")}";
        return new ModelAnswer { Failure = $"the process of the model ended with exit code {exitCode}{Excerpt.Of(why, MaxReason)}" };
    }
}
