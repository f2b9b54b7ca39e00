using System.Collections.Concurrent;
using ClipDistributed.Collectives;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Collectives.Gloo;
using ClipDistributed.Collectives.Staging;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.TestKit.Tensors.Trainings;

/// <summary>Replicas as threads of this process, in a real Gloo group over loopback; a world of one has no engine.</summary>
public static class ThreadReplicas
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    /// <summary>Runs every member on a thread of its own, and returns what they return, in rank order.</summary>
    public static T[] Run<T>(int world, Func<ICollective, T> member) => Run(world, CPU, member);

    /// <param name="device">Where the members' tensors are. A GPU serves all of them, through the memory of the host.</param>
    public static T[] Run<T>(int world, Device device, Func<ICollective, T> member)
    {
        var rendezvous = new Keys();
        var turn = new object();
        var tasks = Enumerable.Range(0, world).Select(rank => Task.Factory.StartNew(() =>
        {
            using var group = world == 1 ? new SoloCollective() : Connect(rank, world, device, rendezvous);
            using var alone = new OneAtATime(group, turn);
            return member(alone);
        }, TaskCreationOptions.LongRunning)).ToArray();
        // The first failure, not the others' lost connections, is what went wrong.
        if (!Task.WhenAll(tasks).ContinueWith(_ => { }).Wait(Bound))
            throw new TimeoutException(
                $"ranks {string.Join(", ", Enumerable.Range(0, world).Where(rank => !tasks[rank].IsCompleted))} did not finish"
            );
        var failures = tasks.Where(task => task.IsFaulted).Select(task => task.Exception!.InnerException!).ToList();
        if (failures.Count > 0)
            throw new AggregateException(failures.OrderBy(failure => failure is CollectiveException));
        return [.. tasks.Select(task => task.Result)];
    }

    private static ICollective Connect(int rank, int world, Device device, Keys rendezvous)
    {
        const string name = "generation 1";
        var host = GlooCollective.Connect(new GlooOptions { Rank = rank, World = world, Name = name }, rendezvous);
        return device.type == DeviceType.CPU ? host : StagedCollective.Open(host, new CudaOptions { Device = device.index }, name);
    }

    private sealed class Keys : IRendezvous
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<byte[]>> values = [];

        public void Set(string key, byte[] value) => Of(key).SetResult(value);

        public byte[] Get(string key, TimeSpan timeout) =>
            Of(key).Task.Wait(timeout) ? Of(key).Task.Result : throw new TimeoutException(key);

        private TaskCompletionSource<byte[]> Of(string key) => values.GetOrAdd(key, _ => new());
    }
}
