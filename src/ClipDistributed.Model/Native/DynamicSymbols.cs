using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ClipDistributed.Model.Native;

/// <summary>
/// The dynamic symbols of a shared library for x86-64, read from its file without loading it: System V ABI, "Sections" and "Symbol
/// Table", and the GNU extension for versions of symbols.
/// </summary>
internal sealed class DynamicSymbols
{
    private const int HeaderSize = 64;
    private const int MaxTable = 1 << 28; // bytes; libtorch's largest have some ten million
    private const uint SymbolTable = 11, VersionTable = 0x6fffffff; // SHT_DYNSYM, SHT_GNU_versym
    private const int Local = 0, Weak = 2; // STB_LOCAL, STB_WEAK
    private const ushort LastUnversioned = 1; // VER_NDX_GLOBAL

    private readonly byte[] symbols;
    private readonly byte[] names;
    private readonly byte[] versions;

    private DynamicSymbols(byte[] symbols, byte[] names, byte[] versions)
    {
        this.symbols = symbols;
        this.names = names;
        this.versions = versions;
    }

    private ReadOnlySpan<Symbol> Symbols => MemoryMarshal.Cast<byte, Symbol>(symbols);

    private ReadOnlySpan<ushort> Versions => MemoryMarshal.Cast<byte, ushort>(versions);

    /// <exception cref="InvalidDataException">The file is something else, or damaged.</exception>
    public static DynamicSymbols Read(string path)
    {
        using var file = File.OpenHandle(path);
        byte[] header = ReadAt(file, 0, Math.Min(HeaderSize, (ulong)RandomAccess.GetLength(file)));
        // 64 bits, little-endian; then ET_DYN and EM_X86_64.
        if (header.Length < HeaderSize || !header.AsSpan().StartsWith("\u007fELF\u0002\u0001"u8)
            || Field(header, 16) != 3 || Field(header, 18) != 62)
            throw new InvalidDataException("is not a shared library for x86-64");
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(40));
        byte[] table = ReadAt(file, offset, (ulong)(Field(header, 60) * Unsafe.SizeOf<Section>()));
        var sections = MemoryMarshal.Cast<byte, Section>(table);
        byte[]? symbols = null;
        byte[] names = [], versions = [];
        foreach (var section in sections)
        {
            if (section.Type == VersionTable)
                versions = ReadAt(file, section.Offset, section.Size);
            if (section.Type != SymbolTable)
                continue;
            if (section.Link >= (uint)sections.Length)
                throw Damaged();
            symbols = ReadAt(file, section.Offset, section.Size);
            names = ReadAt(file, sections[(int)section.Link].Offset, sections[(int)section.Link].Size);
        }
        if (symbols is null)
            throw new InvalidDataException("has no table of dynamic symbols");
        var read = new DynamicSymbols(symbols, names, versions);
        return versions.Length > 0 && read.Versions.Length < read.Symbols.Length ? throw Damaged() : read;
    }

    /// <summary>
    /// Those that another library has to define. Not: weak ones, which may be absent, and those of a named version, which are the
    /// system's, and of which the dynamic linker says by itself what is too old.
    /// </summary>
    public HashSet<string> Needed()
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var table = Symbols;
        var version = Versions;
        for (int i = 0; i < table.Length; i++)
        {
            bool hasVersion = version.Length > 0 && (version[i] & 0x7fff) > LastUnversioned;
            if (!table[i].IsDefined && table[i].Binding is not (Local or Weak) && !hasVersion)
                needed.Add(Encoding.Latin1.GetString(Name(table[i])));
        }
        return needed;
    }

    /// <summary>Takes away the names that this library defines for others.</summary>
    public void RemoveDefined(HashSet<string> wanted)
    {
        var lookup = wanted.GetAlternateLookup<ReadOnlySpan<char>>();
        char[] text = new char[wanted.Select(name => name.Length).DefaultIfEmpty().Max()];
        foreach (ref readonly var symbol in Symbols)
        {
            if (!symbol.IsDefined || symbol.Binding == Local)
                continue;
            var name = Name(symbol);
            if (name.Length <= text.Length)
                lookup.Remove(text.AsSpan(0, Encoding.Latin1.GetChars(name, text)));
        }
    }

    private ReadOnlySpan<byte> Name(in Symbol symbol)
    {
        var from = names.AsSpan((int)Math.Min(symbol.Name, (uint)names.Length));
        int end = from.IndexOf((byte)0);
        return end < 0 ? throw Damaged() : from[..end];
    }

    private static ushort Field(byte[] header, int at) => BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(at));

    private static byte[] ReadAt(SafeFileHandle file, ulong offset, ulong size)
    {
        ulong length = (ulong)RandomAccess.GetLength(file);
        if (offset > length || size > length - offset || size > MaxTable)
            throw Damaged();
        byte[] bytes = new byte[size];
        for (int done = 0, read; done < bytes.Length; done += read)
        {
            read = RandomAccess.Read(file, bytes.AsSpan(done), (long)offset + done);
            if (read == 0)
                throw Damaged(); // it was cut in the meantime
        }
        return bytes;
    }

    private static InvalidDataException Damaged() => new("is damaged: its tables of symbols do not lie in the file");

    // Elf64_Shdr and Elf64_Sym.
    private readonly record struct Section(
        uint Name, uint Type, ulong Flags, ulong Address, ulong Offset, ulong Size, uint Link, uint Info, ulong Alignment, ulong EntrySize
    );

    private readonly record struct Symbol(uint Name, byte Info, byte Other, ushort SectionIndex, ulong Value, ulong Size)
    {
        public int Binding => Info >> 4;

        public bool IsDefined => SectionIndex != 0; // SHN_UNDEF
    }
}
