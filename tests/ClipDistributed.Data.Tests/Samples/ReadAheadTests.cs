using System.Runtime.CompilerServices;
using ClipDistributed.Data.Samples;

namespace ClipDistributed.Data.Tests.Samples;

public class ReadAheadTests
{
    [Fact]
    public void Take_TransformsThatOvertakeEachOther_ComeInOrder()
    {
        using var ahead = ReadAhead<int>.Start(Count(100), (i, _) =>
        {
            Thread.Sleep(i % 3);
            return i * 2;
        }, workers: 4, capacity: 6);
        for (int i = 0; i < 100; i++)
            Assert.Equal(i * 2, ahead.Take());
        Assert.False(ahead.TryTake(out _));
        Assert.Throws<InvalidOperationException>(() => ahead.Take());
    }

    [Fact]
    public void Take_TransformFails_ThrowsTheOriginalInItsPlace()
    {
        var failure = new InvalidDataException("item 2");
        using var ahead = ReadAhead<int>.Start(Count(5), (i, _) => i == 2 ? throw failure : i, workers: 3, capacity: 3);
        Assert.Equal(0, ahead.Take());
        Assert.Equal(1, ahead.Take());
        Assert.Same(failure, Assert.Throws<InvalidDataException>(() => ahead.Take()));
        Assert.Equal(3, ahead.Take());
    }

    [Fact]
    public void Take_SourceFails_ThrowsTheOriginalBehindTheItemsBefore()
    {
        var failure = new IOException("disk");
        using var ahead = ReadAhead<int>.Start(Count(3, failure), (i, _) => i, workers: 2, capacity: 8);
        Assert.Equal([0, 1, 2], new[] { ahead.Take(), ahead.Take(), ahead.Take() });
        Assert.Same(failure, Assert.Throws<IOException>(() => ahead.Take()));
    }

    [Fact]
    public void Take_Cancelled_WaitsNoLonger()
    {
        using var stuck = new ManualResetEventSlim();
        using var over = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        using (var ahead = ReadAhead<int>.Start(Count(1), (i, _) =>
        {
            stuck.Wait();
            return i;
        }, workers: 1, capacity: 1))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => ahead.Take(over.Token));
            stuck.Set();
        }
    }

    [Fact]
    public void TakeWaits_SlowSource_CountsForTheSource()
    {
        var time = new HandClock();
        using var asked = new SemaphoreSlim(0);
        using var answer = new SemaphoreSlim(0);
        using var ahead = ReadAhead<int>.Start(Count(1, asking: _ =>
        {
            asked.Release();
            answer.Wait();
        }), (i, _) => i, workers: 1, capacity: 1, time);
        asked.Wait();
        time.Seconds = 3;
        answer.Release();
        ahead.Take();
        Assert.Equal(new ReadAheadWaits(3, 0, 0), ahead.TakeWaits());
    }

    [Fact]
    public void TakeWaits_SlowTaker_CountsForTheTaker()
    {
        var time = new HandClock();
        using var first = new SemaphoreSlim(0);
        using var second = new SemaphoreSlim(0);
        using var ahead = ReadAhead<int>.Start(Count(2), (i, _) =>
        {
            (i == 0 ? first : second).Release();
            return i;
        }, workers: 1, capacity: 1, time);
        first.Wait(); // by now nothing but room is waited for
        time.Seconds = 5;
        ahead.Take();
        second.Wait();
        Assert.Equal(new ReadAheadWaits(0, 0, 5), ahead.TakeWaits());
        Assert.Equal(default, ahead.TakeWaits());
    }

    [Fact]
    public void Start_NobodyTakes_ReadsNoMoreThanTheCapacity()
    {
        int asked = 0;
        using var third = new SemaphoreSlim(0);
        using var ahead = ReadAhead<int>.Start(Count(50, asking: i =>
        {
            Interlocked.Increment(ref asked);
            if (i >= 2)
                third.Release();
        }), (i, _) => i, workers: 2, capacity: 3);
        Assert.True(third.Wait(TimeSpan.FromSeconds(10)));
        Assert.False(third.Wait(TimeSpan.FromMilliseconds(50)));
        Assert.Equal(3, asked);

        ahead.Take();
        Assert.True(third.Wait(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Start_Workers_BoundTheTransformsAtOnce()
    {
        int running = 0, most = 0;
        using var ahead = ReadAhead<int>.Start(Count(40), (i, _) =>
        {
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            Thread.Sleep(1);
            Interlocked.Decrement(ref running);
            return i;
        }, workers: 2, capacity: 20);
        while (ahead.TryTake(out _))
        {
        }
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public void Dispose_EndlessSource_EndsItAndDisposesWhatNobodyTook()
    {
        bool ended = false;
        var made = new List<Resource>();
        var ahead = ReadAhead<Resource>.Start(Endless(() => ended = true), (i, _) =>
        {
            var resource = new Resource();
            lock (made)
                made.Add(resource);
            return resource;
        }, workers: 2, capacity: 4);
        var taken = ahead.Take();
        ahead.Dispose();
        Assert.True(ended);
        Assert.False(taken.IsDisposed);
        Assert.All(made.Where(resource => resource != taken), resource => Assert.True(resource.IsDisposed));
    }

    private static Func<CancellationToken, IAsyncEnumerable<int>> Count(int items, Exception? atEnd = null, Action<int>? asking = null)
    {
        return Items;

        async IAsyncEnumerable<int> Items([EnumeratorCancellation] CancellationToken cancel)
        {
            for (int i = 0; i < items; i++)
            {
                cancel.ThrowIfCancellationRequested();
                await Task.Yield();
                asking?.Invoke(i);
                yield return i;
            }
            if (atEnd is not null)
                throw atEnd;
        }
    }

    private static Func<CancellationToken, IAsyncEnumerable<int>> Endless(Action ended)
    {
        return Items;

        async IAsyncEnumerable<int> Items([EnumeratorCancellation] CancellationToken cancel)
        {
            try
            {
                for (int i = 0; ; i++)
                {
                    await Task.Delay(1, cancel);
                    yield return i;
                }
            }
            finally
            {
                ended();
            }
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }

    private sealed class Resource : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class HandClock : TimeProvider
    {
        private long seconds;

        public long Seconds
        {
            set => Interlocked.Exchange(ref seconds, value);
        }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Read(ref seconds);
    }
}
