using System.Collections.Concurrent;
using ClipDistributed.Collectives;
using ClipDistributed.Collectives.Gloo;

namespace ClipDistributed.TestKit.Tensors.Trainings;

/// <summary>Replicas as threads of this process, in a real Gloo group over loopback; a world of one has no engine.</summary>
public static class ThreadReplicas
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    /// <summary>Runs every member on a thread of its own, and returns what they return, in rank order.</summary>
    public static T[] Run<T>(int world, Func<ICollective, T> member)
    {
        var rendezvous = new Keys();
        var turn = new object();
        var tasks = Enumerable.Range(0, world).Select(rank => Task.Factory.StartNew(() =>
        {
            using ICollective group = world == 1 ? new SoloCollective()
                : GlooCollective.Connect(new GlooOptions { Rank = rank, World = world, Name = "generation 1" }, rendezvous);
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

    private sealed class Keys : IRendezvous
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<byte[]>> values = [];

        public void Set(string key, byte[] value) => Of(key).SetResult(value);

        public byte[] Get(string key, TimeSpan timeout) =>
            Of(key).Task.Wait(timeout) ? Of(key).Task.Result : throw new TimeoutException(key);

        private TaskCompletionSource<byte[]> Of(string key) => values.GetOrAdd(key, _ => new());
    }
}
