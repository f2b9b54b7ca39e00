using System.ComponentModel;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.WorkerHost.Connections;
using ClipDistributed.WorkerHost.Options;
using ClipDistributed.WorkerHost.Places;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.WorkerHost.Answers;

/// <summary>
/// Questions to models, one at a time. The model that was asked last stays loaded for a while, in a process of its own. Each question is
/// answered, whatever becomes of that process.
/// </summary>
internal sealed partial class ModelAnswers(
    WorkerOptions options, ReplicaPlaces places, ReportQueue reports, TimeProvider time, ILogger logger)
{
    private readonly Lock gate = new();
    private ModelProcess? loaded; // under the gate; null: none is
    private bool isBusy; // under the gate
    private int asked; // under the gate; questions, so that an old timer ends nothing

    public void Ask(AskModel question)
    {
        lock (gate)
        {
            if (isBusy)
            {
                Report(question, new ModelAnswer { Failure = "its host answers another question; ask again" });
                return;
            }
            (isBusy, asked) = (true, asked + 1);
        }
        _ = AnswerAsync(question);
    }

    /// <summary>Ends the process of the model; an open question gets the reason for its answer.</summary>
    public void Release(string reason)
    {
        lock (gate)
        {
            loaded?.Kill(reason);
            loaded = null;
        }
    }

    /// <summary>The same, and waits for it.</summary>
    public async Task EndAsync(string reason)
    {
        ModelProcess? process;
        lock (gate)
            process = loaded;
        Release(reason);
        if (process is not null)
            await process.Ended;
    }

    private async Task AnswerAsync(AskModel question)
    {
        ModelAnswer answer;
        try
        {
            var process = Of(question);
            var limit = TimeSpan.FromSeconds(question.Seconds);
            using var over = new CancellationTokenSource();
            var answering = process.AskAsync(question);
            if (await Task.WhenAny(answering, Task.Delay(limit, time, over.Token)) != answering)
                Remove(process, $"the model has not answered for {limit.TotalSeconds:0} s; its process was ended");
            await over.CancelAsync();
            answer = await answering;
            if (answer.Failure != "")
                LogFailed(question.Model, answer.Failure);
        }
        catch (Win32Exception failed)
        {
            answer = new ModelAnswer { Failure = $"{options.ReplicaProgram} could not be started: {failed.Message}" };
            LogFailed(question.Model, answer.Failure);
        }
        int last;
        lock (gate)
            (isBusy, last) = (false, asked);
        Report(question, answer);
        await Task.Delay(options.ModelIdle, time);
        lock (gate)
        {
            if (asked == last && !isBusy)
                Release("it was idle");
        }
    }

    /// <summary>The process of the question's model; that of another one ends.</summary>
    /// <exception cref="Win32Exception">It cannot be started.</exception>
    private ModelProcess Of(AskModel question)
    {
        lock (gate)
        {
            if (loaded is { Ended.IsCompleted: false } same && same.Model == question.Model)
                return same;
            Release("another model is asked");
            var place = places.Of(DeviceKind.Cpu, 0);
            loaded = ModelProcess.Start(question, options, place, LogLine, time);
            LogLoaded(question.Model, loaded.ProcessId);
            return loaded;
        }
    }

    private void Remove(ModelProcess process, string reason)
    {
        process.Kill(reason);
        lock (gate)
        {
            if (loaded == process)
                loaded = null;
        }
    }

    private void Report(AskModel question, ModelAnswer answer)
    {
        answer.Question = question.Question;
        reports.Add(answer);
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "ModelLoaded",
        Message = "Questions to {Model} are answered by process {ProcessId}, which ends when no more come."
    )]
    private partial void LogLoaded(string model, int processId);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "ModelFailed", Message = "A question to {Model} has no answer: {Reason}.")]
    private partial void LogFailed(string model, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "ModelLine", Message = "model: {Text}")]
    private partial void LogLine(string text);
}
