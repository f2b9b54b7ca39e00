using System.Collections.Concurrent;
using System.Diagnostics;
using ClipDistributed.Collectives;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Collectives.Gloo;
using ClipDistributed.Collectives.Nccl;
using ClipDistributed.Collectives.Tests;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.TestKit.Gpu;

// A member of a group in a process of its own, for tests that kill or stop it. Standard input:
//   connect RANK WORLD FOLDER ADDRESS | connect RANK WORLD FOLDER nccl | reduce COUNT | gather COUNT | broadcast ROOT COUNT
//   repeat COMMAND | hang-aborts | abort | dispose | quit
// Standard output: "done COMMAND", "aborted MILLISECONDS MESSAGE" (since the abort), "failed MESSAGE" or "bad input MESSAGE".
ICollective? group = null;
var cancel = new CancellationTokenSource();
long abortedAt = 0;
var commands = new BlockingCollection<string[]>();
var worker = new Thread(() =>
{
    foreach (string[] words in commands.GetConsumingEnumerable())
        Tell(words);
});
worker.Start();
while (Console.ReadLine() is { } line and not "quit")
{
    if (line == "abort")
    {
        Volatile.Write(ref abortedAt, Stopwatch.GetTimestamp());
        cancel.Cancel();
        group?.Abort();
    }
    else
    {
        commands.Add(line.Split(' '));
    }
}
commands.CompleteAdding();
worker.Join();
group?.Dispose();
return;

void Tell(string[] words)
{
    try
    {
        Carry(words);
        Console.WriteLine($"done {words[0]}");
    }
    catch (CollectiveException lost) when (Volatile.Read(ref abortedAt) != 0)
    {
        Console.WriteLine($"aborted {Stopwatch.GetElapsedTime(abortedAt).TotalMilliseconds:0} {lost.Message}");
    }
    catch (CollectiveException lost)
    {
        Console.WriteLine($"failed {lost.Message}");
    }
    catch (BadInputException wrong)
    {
        Console.WriteLine($"bad input {wrong.Message}");
    }
}

unsafe void Carry(string[] words)
{
    switch (words)
    {
        case ["connect", var rank, var world, var folder, var address]:
            group?.Dispose();
            (group, cancel, abortedAt) = (null, new CancellationTokenSource(), 0);
            group = address == "nccl"
                ? Nccl(int.Parse(rank), int.Parse(world), folder)
                : Gloo(int.Parse(rank), int.Parse(world), folder, address);
            break;
        case ["hang-aborts"]:
            StandIn.HangAborts(true);
            break;
        case ["reduce", var count]:
            float[] data = new float[int.Parse(count)];
            Array.Fill(data, 1);
            fixed (float* pointer = data)
            {
                // Two at the same time, as buckets are.
                var first = group!.StartAllReduce((nint)pointer, data.Length / 2, ElementType.Float32);
                var second = group.StartAllReduce((nint)(pointer + data.Length / 2), data.Length - data.Length / 2, ElementType.Float32);
                try
                {
                    first.Wait();
                }
                finally
                {
                    second.Wait();
                }
            }
            if (Array.Exists(data, value => value != group.World))
                throw new InvalidOperationException("a wrong sum");
            break;
        case ["gather", var count]:
            byte[] own = new byte[int.Parse(count)], all = new byte[own.Length * group!.World];
            fixed (byte* from = own, to = all)
                group.AllGather((nint)from, (nint)to, [.. Enumerable.Repeat((long)own.Length, group.World)], ElementType.Byte);
            break;
        case ["broadcast", var root, var count]:
            byte[] sent = new byte[int.Parse(count)];
            fixed (byte* pointer = sent)
                group!.Broadcast((nint)pointer, sent.Length, ElementType.Byte, int.Parse(root));
            break;
        case ["repeat", .. var command]:
            for (int round = 0; ; round++)
            {
                Carry(command);
                if (round == 0)
                    Console.WriteLine("repeating");
            }
        case ["dispose"]:
            group!.Dispose();
            break;
        default:
            throw new InvalidOperationException($"unknown command {string.Join(' ', words)}");
    }
}

ICollective Gloo(int rank, int world, string folder, string address)
{
    var options = new GlooOptions { Rank = rank, World = world, Name = NameOf(folder), Address = address };
    return GlooCollective.Connect(options, new FileRendezvous(folder), cancel.Token);
}

// Over the stand-in for NCCL.
ICollective Nccl(int rank, int world, string folder)
{
    var options = new NcclOptions
    {
        Rank = rank,
        World = world,
        Name = NameOf(folder),
        NcclLibrary = StandIn.Library,
        Cuda = new CudaOptions { Library = StandIn.Library, AbortBound = TimeSpan.FromSeconds(1) },
    };
    return NcclCollective.Connect(options, new FileRendezvous(folder), cancel.Token);
}

static string NameOf(string folder) => $"generation {Path.GetFileName(folder)}";
