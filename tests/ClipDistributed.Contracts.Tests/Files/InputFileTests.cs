using System.Diagnostics;
using System.Net.Sockets;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Tests.Files;

public sealed class InputFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, FileKind> Kinds => new()
    {
        { "file", FileKind.Regular },
        { "link", FileKind.Regular },
        { "link-to-nothing", FileKind.Missing },
        { "link-to-itself", FileKind.Missing },
        { "nothing", FileKind.Missing },
        { "file/below", FileKind.Missing },
        { "", FileKind.Missing },
        { "a\0b", FileKind.Missing },
        { ".", FileKind.Folder },
        { "fifo", FileKind.Pipe },
        { "link-to-fifo", FileKind.Pipe },
        { "socket", FileKind.Socket },
        { "/dev/zero", FileKind.Device },
        { "/dev/null", FileKind.Device },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Of_EveryKind_IsNamedWithoutOpeningIt(string name, FileKind expected)
    {
        using var socket = MakeAll();
        Assert.Equal(expected, FileKinds.Of(PathOf(name)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_WhatIsNoRegularFile_IsRefusedAtOnceWithItsPath(string name, FileKind kind)
    {
        using var socket = MakeAll();
        var clock = Stopwatch.StartNew();
        Action[] readers =
        [
            () => InputFile.Open(PathOf(name), "--file").Dispose(),
            () => InputFile.ReadBytes(PathOf(name), "--file", 100),
            () => InputFile.ReadText(PathOf(name), "--file", 100),
            () => InputFile.ReadLines(PathOf(name), "--file").ToList(),
        ];
        foreach (var read in readers)
        {
            if (kind == FileKind.Regular)
            {
                read();
                continue;
            }
            var refused = Assert.Throws<BadInputException>(read);
            Assert.StartsWith("--file: ", refused.Message, StringComparison.Ordinal);
            Assert.Contains(kind.Words(), refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\0', refused.Message);
        }
        Assert.True(clock.Elapsed < InputFile.PipeTime);
    }

    /// <summary>Another process swaps a file and a FIFO all the time: what was looked at is not what is opened.</summary>
    [Fact]
    public void OpenRegular_FileThatBecomesAPipe_NeverWaits()
    {
        File.WriteAllText(PathOf("regular"), "text");
        MakeFifo();
        using var end = new CancellationTokenSource();
        var swapper = new Thread(Swap) { IsBackground = true };
        swapper.Start();
        int read = 0, refused = 0;
        var reader = new Thread(() =>
        {
            for (int i = 0; i < 20_000 || (read == 0 || refused == 0) && i < 1_000_000; i++)
            {
                try
                {
                    InputFile.OpenRegular(PathOf("swapped")).Dispose();
                    read++;
                }
                catch (IOException)
                {
                    refused++;
                }
            }
        }) { IsBackground = true };
        reader.Start();
        Assert.True(reader.Join(TimeSpan.FromSeconds(60)), "Opening the FIFO waits for a writer.");
        end.Cancel();
        swapper.Join();
        Assert.True(read > 0 && refused > 0);

        void Swap()
        {
            while (!end.IsCancellationRequested)
            {
                foreach (string name in (string[])["regular", "fifo"])
                {
                    File.Delete(PathOf("next"));
                    File.CreateSymbolicLink(PathOf("next"), PathOf(name));
                    File.Move(PathOf("next"), PathOf("swapped"), overwrite: true);
                }
            }
        }
    }

    [Theory]
    [InlineData("fifo")]
    [InlineData("nothing")]
    [InlineData(".")]
    public void OpenRegular_Named_BeginsWithThePathOnce(string name)
    {
        MakeFifo();
        string path = PathOf(name);
        string said = Assert.ThrowsAny<IOException>(() => InputFile.OpenRegular(path, named: true)).Message;
        Assert.StartsWith($"{path} ", said, StringComparison.Ordinal);
        Assert.Equal(2, said.Split(path).Length);
        Assert.DoesNotContain(path, Assert.ThrowsAny<IOException>(() => InputFile.OpenRegular(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadText_PipeWithAWriter_IsReadToItsEnd()
    {
        MakeFifo();
        var writer = new Thread(() => File.AppendAllText(PathOf("fifo"), "ä photo\n")) { IsBackground = true };
        writer.Start();
        Assert.Equal("ä photo\n", InputFile.ReadText(PathOf("fifo"), "--file", 100, pipe: true));
        writer.Join();
    }

    [Fact]
    public void ReadText_PipeWithoutEnd_IsRefusedByItsSize()
    {
        MakeFifo();
        var writer = new Thread(WriteForEver) { IsBackground = true };
        writer.Start();
        var refused = Assert.Throws<BadInputException>(() => InputFile.ReadText(PathOf("fifo"), "--file", 100, pipe: true));
        Assert.Contains("at most 100 bytes", refused.Message, StringComparison.Ordinal);
        writer.Join();

        void WriteForEver()
        {
            try
            {
                using var file = new FileStream(PathOf("fifo"), FileMode.Open, FileAccess.Write);
                byte[] zeros = new byte[4096];
                while (true)
                    file.Write(zeros);
            }
            catch (IOException)
            {
                // the reader went away
            }
        }
    }

    [Fact]
    public void ReadText_PipeThatNothingWritesTo_IsRefusedAfterItsTime()
    {
        MakeFifo();
        var refused = Assert.Throws<BadInputException>(() =>
            InputFile.ReadText(PathOf("fifo"), "--file", 100, pipe: true, TimeSpan.FromMilliseconds(50))
        );
        Assert.Contains("did not end within", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private string PathOf(string name) =>
        name is "" || name.Contains('\0', StringComparison.Ordinal) ? name : Path.Combine(folder.Path, name);

    private Socket MakeAll()
    {
        File.WriteAllText(PathOf("file"), "text\n");
        File.CreateSymbolicLink(PathOf("link"), PathOf("file"));
        File.CreateSymbolicLink(PathOf("link-to-nothing"), PathOf("nothing"));
        File.CreateSymbolicLink(PathOf("link-to-itself"), PathOf("link-to-itself"));
        MakeFifo();
        File.CreateSymbolicLink(PathOf("link-to-fifo"), PathOf("fifo"));
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(PathOf("socket")));
        return socket;
    }

    private void MakeFifo() => SpecialFiles.MakeFifo(PathOf("fifo"));
}
