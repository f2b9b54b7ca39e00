using System.Runtime.CompilerServices;
using System.Text;

namespace ClipDistributed.Coordinator.History.Logs;

/// <summary>The lines of a text that anybody may have written: none takes more memory than a bound.</summary>
internal static class BoundedLines
{
    private const int BufferSize = 1 << 14;

    /// <param name="max">Characters; longer lines are left out.</param>
    public static async IAsyncEnumerable<string> ReadAsync(
        TextReader text, int max, [EnumeratorCancellation] CancellationToken cancel)
    {
        char[] buffer = new char[BufferSize];
        var line = new StringBuilder();
        bool isTooLong = false;
        for (int count; (count = await text.ReadAsync(buffer, cancel)) > 0;)
        {
            for (int from = 0; from < count;)
            {
                int length = buffer.AsSpan(from, count - from).IndexOf('\n');
                int part = length < 0 ? count - from : length;
                isTooLong |= line.Length + part > max;
                if (isTooLong)
                    line.Clear();
                else
                    line.Append(buffer, from, part);
                from += part + 1;
                if (length < 0)
                    continue;
                if (!isTooLong)
                    yield return line.ToString();
                line.Clear();
                isTooLong = false;
            }
        }
        if (line.Length > 0)
            yield return line.ToString();
    }
}
