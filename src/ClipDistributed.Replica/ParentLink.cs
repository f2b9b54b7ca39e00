using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Replica;

/// <summary>
/// The lines of JSON between this process and the one that started it. When the parent exits the input ends, and this
/// process ends too. SIGINT and SIGHUP reach a whole terminal group: only the parent decides what they mean; SIGTERM is a
/// stop request.
/// </summary>
internal sealed class ParentLink : IDisposable
{
    private readonly TextReader input;
    private readonly TextWriter output;
    private readonly CancellationTokenSource stop = new();
    private PosixSignalRegistration[] signals = [];

    private ParentLink(TextReader input, TextWriter output) => (this.input, this.output) = (input, output);

    /// <summary>Takes over the signals of this process.</summary>
    public static ParentLink Open(TextReader input, TextWriter output)
    {
        var link = new ParentLink(input, output);
        link.signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                link.StopRequestedBy = "SIGTERM to the replica";
                link.stop.Cancel();
            }),
        ];
        return link;
    }

    /// <summary>Cancelled by a request for a clean stop.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>The source of the stop request; set before.</summary>
    public string StopRequestedBy { get; private set; } = "";

    /// <summary>On the watching thread.</summary>
    public event Action? CheckpointRequested;

    /// <summary>To the model of this process; the parent asks one at a time.</summary>
    public BlockingCollection<QuestionRequest> Questions { get; } = [];

    /// <summary>The first line; null where the input ends before it. Later lines are then watched for.</summary>
    public ReplicaRequest? ReadRequest()
    {
        if (input.ReadLine() is not { } line)
            return null;
        var request = ReplicaRequest.Parse(line);
        new Thread(Watch) { IsBackground = true, Name = "parent link" }.Start();
        return request;
    }

    public void Send(RunRecord record) => Send(new ReplicaOutput { Record = record });

    public void Send(ReplicaOutput line)
    {
        lock (output)
        {
            output.WriteLine(line.ToJson());
            output.Flush();
        }
    }

    public void Dispose()
    {
        foreach (var signal in signals)
            signal.Dispose();
        // Neither the questions nor the source of the token: a stop may still arrive on the watching thread.
    }

    private void Watch()
    {
        while (input.ReadLine() is { } line)
        {
            switch (line.Length > 0 ? ReplicaRequest.Parse(line) : null)
            {
                case StopRequest request:
                    StopRequestedBy = request.By;
                    stop.Cancel();
                    break;
                case QuestionRequest question:
                    Questions.Add(question);
                    break;
                case SaveRequest:
                    CheckpointRequested?.Invoke();
                    break;
            }
        }
        // Not a clean exit on purpose: the parent has exited, no process reads a message, and what is on disk is whole at any moment.
        PendingOutput.DiscardAll(Process.GetCurrentProcess().Kill);
    }
}
