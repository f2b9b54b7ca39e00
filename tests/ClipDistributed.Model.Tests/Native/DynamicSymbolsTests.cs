using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using ClipDistributed.Model.Native;

namespace ClipDistributed.Model.Tests.Native;

public sealed class DynamicSymbolsTests : IDisposable
{
    private const int Header = 64, Entry = 64; // of a 64-bit ELF file, and of its table of sections

    private readonly TemporaryFolder folder = new();
    private readonly string library;

    public DynamicSymbolsTests()
    {
        library = folder.File("library.so");
        using var compiler = Process.Start(
            new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-O0", "-o", library, "-x", "c", "-"]) { RedirectStandardInput = true }
        )!;
        compiler.StandardInput.Write("""
            int atoi(const char *text);
            extern int wanted(void);
            __attribute__((weak)) extern int optional(void);
            __attribute__((visibility("hidden"))) int hidden(void) { return atoi("1"); }
            static int own(void) { return 1; }
            __attribute__((weak)) int weak_offer(void) { return own(); }
            int datum = 1;
            int offered(void) { return wanted() + (optional ? optional() : hidden()); }
            """);
        compiler.StandardInput.Close();
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }

    [Fact]
    public void Needed_OfALibrary_AreNeitherWeakNorVersioned() =>
        Assert.Equal("wanted", Assert.Single(DynamicSymbols.Read(library).Needed()));

    [Fact]
    public void RemoveDefined_OfALibrary_LeavesWhatItDoesNotOffer()
    {
        var wanted = new HashSet<string>(["offered", "datum", "weak_offer", "wanted", "optional", "hidden", "own", "offere", "atoi"]);
        DynamicSymbols.Read(library).RemoveDefined(wanted);
        Assert.Equal(["atoi", "hidden", "offere", "optional", "own", "wanted"], wanted.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("INPUT(-lgomp)")] // a script of the linker
    [InlineData("\u007fELF")]
    public void Read_OtherFile_IsInvalid(string content)
    {
        string path = folder.Write("text.so", Encoding.ASCII.GetBytes(content));
        Assert.Throws<InvalidDataException>(() => DynamicSymbols.Read(path));
    }

    [Theory]
    [InlineData(4, 0UL)] // its type: there is none left
    [InlineData(24, ulong.MaxValue)] // where it lies
    [InlineData(32, ulong.MaxValue)] // its size
    [InlineData(32, 1UL << 30)] // within the file, but more than is read
    [InlineData(40, 0xffffUL)] // the section with its names
    public void Read_TableOfSymbolsIsElsewhere_IsInvalid(int field, ulong value)
    {
        byte[] elf = File.ReadAllBytes(library);
        BitConverter.TryWriteBytes(elf.AsSpan(SymbolTable(elf) + field), value);
        string damaged = folder.Write("damaged.so", elf);
        using (var file = File.OpenWrite(damaged))
            file.SetLength(1L << 31); // it takes no space
        Assert.Throws<InvalidDataException>(() => DynamicSymbols.Read(damaged));
    }

    [Fact]
    public void Read_AnyDamage_IsInvalidOrRead()
    {
        byte[] whole = File.ReadAllBytes(library);
        int sections = (int)MemoryMarshal.Read<long>(whole.AsSpan(40));
        var random = new Random(16);
        int refused = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] damaged = [.. whole];
            int at = i % 2 == 0 ? random.Next(Header) : random.Next(sections, whole.Length);
            damaged[at] = (byte)random.Next(256);
            string path = folder.Write("damaged.so", i % 10 == 0 ? damaged[..random.Next(whole.Length)] : damaged);
            try
            {
                var read = DynamicSymbols.Read(path);
                read.RemoveDefined(read.Needed());
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 100, 900);
    }

    public void Dispose() => folder.Dispose();

    private static int SymbolTable(byte[] elf)
    {
        int at = (int)MemoryMarshal.Read<long>(elf.AsSpan(40));
        while (MemoryMarshal.Read<uint>(elf.AsSpan(at + 4)) != 11) // SHT_DYNSYM
            at += Entry;
        return at;
    }
}
