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
/// The lines of JSON between this process and the one that started it. When that one is gone the input ends, and this
/// process ends too. SIGINT and SIGHUP reach a whole terminal group: only the starter decides what they mean; SIGTERM asks for
/// a stop.
/// </summary>
internal sealed class Conversation : IDisposable
{
    private readonly TextReader input;
    private readonly TextWriter output;
    private readonly CancellationTokenSource stop = new();
    private readonly PosixSignalRegistration[] signals;

    public Conversation(TextReader input, TextWriter output)
    {
        this.input = input;
        this.output = output;
        signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                StopRequestedBy = "SIGTERM to the replica";
                stop.Cancel();
            }),
        ];
    }

    /// <summary>Cancelled when a clean stop is wanted.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>Who asked for it; set before.</summary>
    public string StopRequestedBy { get; private set; } = "";

    /// <summary>A checkpoint is wanted. On the watching thread.</summary>
    public event Action? SaveAsked;

    /// <summary>The first line; null where the input ends before it. What comes after it is then watched.</summary>
    public ReplicaRequest? ReadRequest()
    {
        if (input.ReadLine() is not { } line)
            return null;
        var request = ReplicaRequest.Parse(line);
        new Thread(Watch) { IsBackground = true, Name = "conversation" }.Start();
        return request;
    }

    public void Tell(RunRecord record) => Tell(new ReplicaOutput { Record = record });

    public void Tell(ReplicaOutput line)
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
        // Not the source of the token: a stop may still arrive on the watching thread.
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
                case SaveRequest:
                    SaveAsked?.Invoke();
                    break;
            }
        }
        // Not a clean exit on purpose: the starter is gone, nobody can be told, and what is on disk is whole at any moment.
        PendingOutput.DiscardAll();
        Process.GetCurrentProcess().Kill();
    }
}
