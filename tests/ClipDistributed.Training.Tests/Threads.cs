using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests;

/// <summary>Runs the same work with other numbers of threads.</summary>
internal static class Threads
{
    public static T Run<T>(int threads, Func<T> work)
    {
        int before = get_num_threads();
        set_num_threads(threads);
        try
        {
            return work();
        }
        finally
        {
            set_num_threads(before);
        }
    }
}
